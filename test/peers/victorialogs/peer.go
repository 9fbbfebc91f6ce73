//go:build peer

// Package peer names the program that a benchmark builds from its module.
package peer

import _ "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs"
