package main

import (
	"encoding/json"
	"os"
	"sync"
	"time"
)

var printing sync.Mutex

// printLine prints a line by one write: a reader never sees half of it, and a client that is killed has lost none.
func printLine(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	printing.Lock()
	defer printing.Unlock()
	if _, err := os.Stdout.Write(append(text, '\n')); err != nil {
		os.Exit(1) // Whoever read this is gone.
	}
}

// milliseconds to a tenth.
func milliseconds(duration time.Duration) float64 {
	return float64(duration.Round(100*time.Microsecond).Microseconds()) / 1000
}
