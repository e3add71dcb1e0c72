//go:build tools

// Package tools pins a tool that checks use.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
