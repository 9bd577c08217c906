// pause is what the sandbox of a pod runs, so that its namespaces stay: it waits, and as the first process of a pod that shares its process
// namespace it buries whoever was left behind. Kubernetes' own is written in C, and its image cannot be had here.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		bury()
	}
}

// bury waits for every child that has ended: one signal may stand for several of them.
func bury() {
	for {
		if child, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); child <= 0 && err != syscall.EINTR {
			return
		}
	}
}
