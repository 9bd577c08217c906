package main

import "encoding/json"

// Question is what the program is asked: what the cluster holds, who takes part, and which ports are tried.
type Question struct {
	// Objects as the API server gives them: Namespace, Pod, NetworkPolicy, CiliumNetworkPolicy,
	// CiliumClusterwideNetworkPolicy. Others are refused.
	Objects []json.RawMessage
	Parties []Party
	Ports   []Port
	// Resolver is the party that pods ask for names.
	Resolver string
	// PolicyCIDRMatchMode is Cilium's setting of that name: [] or ["nodes"].
	PolicyCIDRMatchMode []string
}

// Party is an end of connections: a pod, or an address that is not a pod's.
type Party struct {
	Name string
	// Pod is `namespace/name` of a Pod among the objects.
	Pod string
	// Address is an IPv4 address, a pod's too.
	Address string
	// Node is whose the address is: `own` for the node that the pod at the other end runs on, `other` for another one.
	Node string
	// APIServer says that an API server answers there.
	APIServer bool
	// Names are DNS names that resolve to it.
	Names []string
}

// Port of a protocol: TCP, UDP or SCTP.
type Port struct {
	Protocol string
	Port     uint16
}

// Answer is the judgement.
type Answer struct {
	// Engine is the module and version that judged.
	Engine string `json:"engine"`
	// Refused are the objects that Cilium refuses; where there are any, nothing is said of pairs.
	Refused []Refusal `json:"refused"`
	Pairs   []Pair    `json:"pairs"`
}

// Refusal is an object that Cilium does not take, and why.
type Refusal struct {
	Object string `json:"object"`
	Reason string `json:"reason"`
}

// Pair has a verdict for each of the question's ports, in its order.
type Pair struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Egress is what the policies of From say, Ingress what those of To say: a string of 0 and 1, one for each port. A
	// connection needs both.
	Egress  string `json:"egress"`
	Ingress string `json:"ingress"`
	// Policies are those whose rules allowed or denied anything.
	Policies []string `json:"policies"`
}
