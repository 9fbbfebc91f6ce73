//go:build tools

// Package tools pins the Pulumi CLI that src/testing/engine.ts builds from its Go modules.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
