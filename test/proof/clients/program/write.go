package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// written is a write, whether or not it was acknowledged.
type written struct {
	At       int64   `json:"at"` // When it was begun, in Unix milliseconds.
	Ms       float64 `json:"ms"` // Until it was answered or given up.
	Name     string  `json:"name"`
	Ok       bool    `json:"ok"`
	Error    string  `json:"error,omitempty"`
	Attempts int     `json:"attempts"`
	Port     int     `json:"port,omitempty"` // The client's, of the last connection that it got: tells connections apart.
}

type writer struct {
	connection
	name        string
	rate        float64
	seconds     float64
	timeout     time.Duration
	retryWithin time.Duration
	client      *rest.RESTClient
}

// write creates ConfigMaps at a steady rate, each by a goroutine of its own: one that hangs delays no other.
func write(ctx context.Context, arguments []string) error {
	var w writer
	set := flag.NewFlagSet("write", flag.ExitOnError)
	w.flags(set)
	set.BoolVar(&w.newConnections, "new-connections", false, "a connection and a TLS handshake for each request")
	set.StringVar(&w.name, "name", "", "what the names begin with; a hyphen and a number follow")
	set.Float64Var(&w.rate, "rate", 10, "writes a second")
	set.Float64Var(&w.seconds, "seconds", 0, "how long; 0 is until SIGTERM")
	set.DurationVar(&w.timeout, "timeout", time.Second, "of one attempt")
	set.DurationVar(&w.retryWithin, "retry-within", 0, "a failed create is tried again, by the same name, for this long; 0 is never")
	_ = set.Parse(arguments)
	if w.name == "" || w.rate <= 0 || w.timeout <= 0 {
		return fmt.Errorf("--name must be given, --rate and --timeout be more than nothing")
	}
	client, err := w.open()
	if err != nil {
		return err
	}
	w.client = client

	var underWay sync.WaitGroup
	defer underWay.Wait()
	began := time.Now()
	for number := 0; w.seconds <= 0 || float64(number) < w.rate*w.seconds; number++ {
		// By the clock from the start, so that what is late once is not late ever after.
		due := began.Add(time.Duration(float64(number) / w.rate * float64(time.Second)))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(due)):
		}
		underWay.Go(func() { printLine(w.create(fmt.Sprintf("%s-%d", w.name, number))) })
	}
	return nil
}

// create is not ended by SIGTERM: a write that was begun is one whose end is known.
func (w *writer) create(name string) written {
	var port atomic.Int64
	traced := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			if address, ok := got.Conn.LocalAddr().(*net.TCPAddr); ok {
				port.Store(int64(address.Port))
			}
		},
	})
	began := time.Now()
	line := written{At: began.UnixMilli(), Name: name}
	var err error
	for maybeDone := false; ; {
		line.Attempts++
		err = w.attempt(traced, name)
		// An attempt whose end is unknown may have been carried out; only that makes its name being there a success.
		if maybeDone && apierrors.IsAlreadyExists(err) {
			err = nil
		}
		if err == nil || refused(err) || time.Since(began)+pauseBeforeRetry >= w.retryWithin {
			break
		}
		maybeDone = true
		time.Sleep(pauseBeforeRetry)
	}
	line.Ms = milliseconds(time.Since(began))
	line.Ok = err == nil
	line.Error = reasonOf(err)
	line.Port = int(port.Load())
	return line
}

const pauseBeforeRetry = 100 * time.Millisecond

// refused tells an answer that another attempt would get too. Not one of these is a 403: an API server that just came
// up gives it until it has read the roles. Nor is a server's own failure: etcd may have had the write.
func refused(err error) bool {
	return apierrors.IsAlreadyExists(err) || apierrors.IsBadRequest(err) || apierrors.IsInvalid(err)
}

func (w *writer) attempt(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	configMap := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	return w.client.Post().Namespace(w.namespace).Resource("configmaps").Body(configMap).Do(ctx).Error()
}
