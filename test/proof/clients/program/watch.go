package main

import (
	"context"
	"errors"
	"flag"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

// watched is something that a watch said, or why it had to start anew.
type watched struct {
	At int64 `json:"at"` // Unix milliseconds.
	// ADDED, MODIFIED, DELETED as the API server says it; LISTED for what was there when it started, or started anew;
	// STARTED when it watches from here on; ANEW when it could not go on from the last event, so may have missed some.
	Event           string `json:"event"`
	Name            string `json:"name,omitempty"`
	ResourceVersion string `json:"resourceVersion,omitempty"`
	Error           string `json:"error,omitempty"`
}

const pauseBeforeAnew = 200 * time.Millisecond

// watch prints every event of ConfigMaps. A watch that breaks off is resumed after the last event seen, by client-go's
// own RetryWatcher; where the API server has forgotten what came after it, it starts anew and says so.
func watch(ctx context.Context, arguments []string) error {
	var c connection
	var seconds float64
	set := flag.NewFlagSet("watch", flag.ExitOnError)
	c.flags(set)
	set.Float64Var(&seconds, "seconds", 0, "how long; 0 is until SIGTERM")
	_ = set.Parse(arguments)
	client, err := c.open()
	if err != nil {
		return err
	}
	if seconds > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
		defer cancel()
		ctx = limited
	}
	started := false
	for {
		err := watchOnce(ctx, client, c.namespace, &started)
		if ctx.Err() != nil {
			return nil
		}
		// Before it first started nothing can have been missed: it only waits for a server that answers.
		if started {
			printLine(watched{At: time.Now().UnixMilli(), Event: "ANEW", Error: reasonOf(err)})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pauseBeforeAnew):
		}
	}
}

func watchOnce(ctx context.Context, client *rest.RESTClient, namespace string, started *bool) error {
	var list corev1.ConfigMapList
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := client.Get().Namespace(namespace).Resource("configmaps").Do(limited).Into(&list); err != nil {
		return err
	}
	for _, configMap := range list.Items {
		printObject("LISTED", &configMap)
	}
	source := &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
			options.Watch = true
			parameters := client.Get().Namespace(namespace).Resource("configmaps").
				Param("watch", "true").
				Param("resourceVersion", options.ResourceVersion).
				Param("allowWatchBookmarks", "true")
			return parameters.Watch(ctx)
		},
	}
	watcher, err := toolswatch.NewRetryWatcherWithContext(ctx, list.ResourceVersion, source)
	if err != nil {
		return err
	}
	defer watcher.Stop()
	*started = true
	printLine(watched{At: time.Now().UnixMilli(), Event: "STARTED", ResourceVersion: list.ResourceVersion})
	for event := range watcher.ResultChan() {
		if configMap, ok := event.Object.(*corev1.ConfigMap); ok {
			printObject(string(event.Type), configMap)
		} else {
			return apierrors.FromObject(event.Object)
		}
	}
	return errors.New("the watch ended")
}

func printObject(event string, configMap *corev1.ConfigMap) {
	printLine(watched{
		At:              time.Now().UnixMilli(),
		Event:           event,
		Name:            configMap.Name,
		ResourceVersion: configMap.ResourceVersion,
	})
}
