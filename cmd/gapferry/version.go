package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/gapferry/gapferry/bundle"
)

type versionInfo struct {
	Version string `json:"version"`
	Level   int    `json:"level"`
	Go      string `json:"go"`
	Locked  bool   `json:"memory_locked"` // nothing of it can be swapped out
}

func version() versionInfo {
	v := versionInfo{Version: "(development)", Level: bundle.Level, Go: runtime.Version(), Locked: memoryLocked}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	return v
}

// json prints one value on one line.
func (e *env) json(v any) error {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(e.out, printableJSON(data.String()))
	return err
}

// printableJSON escapes what encoding/json leaves as it is and a terminal would
// act on: C1 controls, and characters that are not printed.
func printableJSON(data string) string {
	var b strings.Builder
	for _, r := range data { // valid UTF-8: json made it
		if r < 0x7f || strconv.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, "\\u%04x", u)
		}
	}
	return b.String()
}
