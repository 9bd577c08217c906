// Command cilium says who may talk to whom by Cilium's own policy engine.
//
//	cilium crds             the CustomResourceDefinitions of its kinds, as a JSON list
//	cilium judge < question the answer, as JSON
//
// It is Cilium's agent without its data path: policies are parsed, addresses become identities and identities become
// policy maps by the agent's packages, and a connection is looked up in the maps as the data path does.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cilium:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if len(args) != 1 {
		return fmt.Errorf("one of crds, judge expected, got %q", args)
	}
	switch args[0] {
	case "crds":
		return json.NewEncoder(out).Encode(definitions(logger))
	case "judge":
		decoder := json.NewDecoder(in)
		decoder.DisallowUnknownFields()
		var question Question
		if err := decoder.Decode(&question); err != nil {
			return fmt.Errorf("question: %w", err)
		}
		answer, err := judge(logger, question)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(answer)
	default:
		return fmt.Errorf("one of crds, judge expected, got %q", args[0])
	}
}

func definitions(logger *slog.Logger) []any {
	made := []any{}
	for _, of := range client.CustomResourceDefinitionList() {
		definition := client.GetPregeneratedCRD(logger, of.Name)
		definition.APIVersion, definition.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
		made = append(made, definition)
	}
	return made
}
