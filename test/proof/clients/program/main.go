// Command client is who uses the API while the proofs break the cluster under it. It speaks by client-go, so that its
// connections are those of kubectl and of controllers, and prints one JSON line for each thing that it saw.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `client [--until-stdin-ends] MODE, of which there are
client write --kubeconfig FILE --name NAME [--rate 10] [--seconds S] [--timeout 1s] [--retry-within D] [--new-connections] [--ping READ_IDLE,PING]
client watch --kubeconfig FILE [--seconds S] [--ping READ_IDLE,PING]
client reach --ca FILE [--times 100] [--timeout 1s] URL...`

func main() {
	// SIGTERM, or the end of whoever holds the other end of stdin, is how a proof says that it has seen enough: what is under way ends, is printed, and the exit code is 0.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == "--until-stdin-ends" {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	modes := map[string]func(context.Context, []string) error{"write": write, "watch": watch, "reach": reach}
	if len(os.Args) < 2 || modes[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := modes[os.Args[1]](ctx, os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "client %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
