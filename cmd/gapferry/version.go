package main

import (
	"encoding/json"
	"runtime"
	"runtime/debug"

	"github.com/gapferry/gapferry/bundle"
)

type versionInfo struct {
	Version string `json:"version"`
	Level   int    `json:"level"`
	Go      string `json:"go"`
}

func version() versionInfo {
	v := versionInfo{Version: "(development)", Level: bundle.Level, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	return v
}

// json prints one value on one line.
func (e *env) json(v any) error {
	return json.NewEncoder(e.out).Encode(v)
}
