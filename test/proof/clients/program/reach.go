package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// reached is one request by a connection of its own.
type reached struct {
	At     int64   `json:"at"`
	Ms     float64 `json:"ms"`
	URL    string  `json:"url"`
	Ok     bool    `json:"ok"` // The answer was 200.
	Status int     `json:"status,omitempty"`
	Error  string  `json:"error,omitempty"`
	Port   int     `json:"port,omitempty"`
}

// answered is the last line for a URL.
type answered struct {
	URL      string `json:"url"`
	Answered int    `json:"answered"`
	Times    int    `json:"times"`
}

// reach asks each URL so many times, one after another, by a new TLS connection each.
func reach(ctx context.Context, arguments []string) error {
	set := flag.NewFlagSet("reach", flag.ExitOnError)
	authority := set.String("ca", "", "file with the certificates to trust")
	times := set.Int("times", 100, "requests for each URL")
	timeout := set.Duration("timeout", time.Second, "of one request")
	_ = set.Parse(arguments)
	certificates, err := os.ReadFile(*authority)
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(certificates) {
		return fmt.Errorf("%s has no certificate", *authority)
	}
	if set.NArg() == 0 {
		return fmt.Errorf("no URL was given")
	}
	for _, url := range set.Args() {
		count := 0
		for number := 0; number < *times && ctx.Err() == nil; number++ {
			line := reachOnce(url, trusted, *timeout)
			if line.Ok {
				count++
			}
			printLine(line)
		}
		printLine(answered{URL: url, Answered: count, Times: *times})
	}
	return nil
}

func reachOnce(url string, trusted *x509.CertPool, timeout time.Duration) reached {
	began := time.Now()
	line := reached{At: began.UnixMilli(), URL: url}
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: trusted},
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			opened, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil {
				line.Port = opened.LocalAddr().(*net.TCPAddr).Port
			}
			return opened, err
		},
	}
	response, err := (&http.Client{Transport: transport, Timeout: timeout}).Get(url)
	if err == nil {
		line.Status = response.StatusCode
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	line.Ms = milliseconds(time.Since(began))
	line.Ok = err == nil && line.Status == http.StatusOK
	line.Error = reasonOf(err)
	return line
}
