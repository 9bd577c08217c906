package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// connection is how a client reaches the API server.
type connection struct {
	kubeconfig     string
	namespace      string
	ping           string
	newConnections bool
}

func (c *connection) flags(set *flag.FlagSet) {
	set.StringVar(&c.kubeconfig, "kubeconfig", "", "the file that says where and as whom")
	set.StringVar(&c.namespace, "namespace", "default", "namespace of the ConfigMaps")
	set.StringVar(&c.ping, "ping", "", "READ_IDLE,PING in seconds, what client-go reads from HTTP2_READ_IDLE_TIMEOUT_SECONDS and HTTP2_PING_TIMEOUT_SECONDS")
}

// open makes a client whose connections are kept exactly as client-go keeps them, or a new one for each request.
func (c *connection) open() (*rest.RESTClient, error) {
	if err := setPing(c.ping); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", c.kubeconfig)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	config.APIPath = "/api"
	config.GroupVersion = &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.QPS = -1 // client-go's own five a second would be measured otherwise, not the server.

	if !c.newConnections {
		return rest.RESTClientFor(config)
	}
	tlsConfig, err := rest.TLSConfigFor(config)
	if err != nil {
		return nil, err
	}
	transport, err := rest.HTTPWrappersForConfig(config, freshConnections{tlsConfig})
	if err != nil {
		return nil, err
	}
	return rest.RESTClientForConfigAndClient(config, &http.Client{Transport: transport})
}

func setPing(ping string) error {
	if ping == "" {
		return nil
	}
	readIdle, timeout, _ := strings.Cut(ping, ",")
	for name, value := range map[string]string{"HTTP2_READ_IDLE_TIMEOUT_SECONDS": readIdle, "HTTP2_PING_TIMEOUT_SECONDS": timeout} {
		if _, err := strconv.Atoi(value); err != nil {
			return fmt.Errorf("--ping %q is not READ_IDLE,PING in whole seconds, such as 5,3", ping)
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// freshConnections gives each request a connection and a TLS handshake of its own, as a command that runs once has them.
type freshConnections struct{ tls *tls.Config }

func (f freshConnections) RoundTrip(request *http.Request) (*http.Response, error) {
	// A transport each: requests at the same time would share a connection by HTTP/2 else.
	transport := utilnet.SetTransportDefaults(&http.Transport{
		TLSClientConfig:   f.tls.Clone(),
		DialContext:       (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		DisableKeepAlives: true,
	})
	response, err := transport.RoundTrip(request)
	if err != nil {
		transport.CloseIdleConnections()
	}
	return response, err
}
