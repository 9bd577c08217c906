// crictl stands in for the one of cri-tools, whose Go module cannot be had here: of its commands those that the boot scripts and the proofs
// use, with the same words, asked of the same container runtime interface. Whatever else it is asked it refuses.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "crictl (stand-in):", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	global := flag.NewFlagSet("crictl", flag.ContinueOnError)
	endpoint := global.String("runtime-endpoint", "unix:///run/containerd/containerd.sock", "")
	version := global.Bool("version", false, "")
	if err := global.Parse(args); err != nil {
		return err
	}
	if *version {
		fmt.Println("crictl version stand-in")
		return nil
	}
	if global.NArg() == 0 {
		return fmt.Errorf("which command? ps, stop and pull are known")
	}
	// The runtime answers at once or not at all; only a pull and a stop take their time.
	connection, err := grpc.NewClient(*endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	command, rest := global.Arg(0), global.Args()[1:]
	switch command {
	case "ps":
		return list(cri.NewRuntimeServiceClient(connection), rest)
	case "stop":
		return stop(cri.NewRuntimeServiceClient(connection), rest)
	case "pull":
		return pull(cri.NewImageServiceClient(connection), rest)
	}
	return fmt.Errorf("%s is not known here; ps, stop and pull are", command)
}

func list(runtime cri.RuntimeServiceClient, args []string) error {
	flags := flag.NewFlagSet("ps", flag.ContinueOnError)
	quiet := flags.Bool("quiet", false, "")
	all := flags.Bool("all", false, "")
	name := flags.String("name", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*name)
	if err != nil {
		return err
	}
	filter := &cri.ContainerFilter{}
	if !*all {
		filter.State = &cri.ContainerStateValue{State: cri.ContainerState_CONTAINER_RUNNING}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := runtime.ListContainers(ctx, &cri.ListContainersRequest{Filter: filter})
	if err != nil {
		return err
	}
	for _, container := range answer.Containers {
		if !wanted.MatchString(container.Metadata.Name) {
			continue
		}
		if *quiet {
			fmt.Println(container.Id)
		} else {
			fmt.Println(container.Id, container.State, container.Metadata.Name, container.Metadata.Attempt)
		}
	}
	return nil
}

func stop(runtime cri.RuntimeServiceClient, args []string) error {
	flags := flag.NewFlagSet("stop", flag.ContinueOnError)
	seconds := flags.Int64("timeout", 0, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, id := range flags.Args() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(*seconds+60)*time.Second)
		_, err := runtime.StopContainer(ctx, &cri.StopContainerRequest{ContainerId: id, Timeout: *seconds})
		cancel()
		if err != nil {
			return err
		}
		fmt.Println(id)
	}
	return nil
}

func pull(images cri.ImageServiceClient, args []string) error {
	for _, image := range args {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		answer, err := images.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: image}})
		cancel()
		if err != nil {
			return err
		}
		fmt.Println("Image is up to date for", answer.ImageRef)
	}
	return nil
}
