//go:build tools

// Package tools pins a foreign simulated engine that a test runs.
package tools

import _ "github.com/llm-d/llm-d-inference-sim/cmd/llm-d-inference-sim"
