package qrtest

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// wasmEnv names the folder in which zxing-wasm was installed:
// npm install --prefix FOLDER zxing-wasm@3.1.4
const wasmEnv = "GAPFERRY_ZXING_WASM"

//go:embed zxing.mjs
var zxingScript []byte

// zbar is Debian's zbarimg, many pictures in one process. Its time is what the
// processor needs for that, less what it needs to load the files only.
func zbar() (reader, error) {
	program, err := exec.LookPath("zbarimg")
	if err != nil {
		return reader{}, errors.New("zbarimg is not in PATH (Debian: zbar-tools)")
	}
	return reader{"zbar", func(_ []*image.Gray, files []string) ([]reading, error) {
		_, loading, err := runZbar(program, "-Sx-density=0", "-Sy-density=0", files)
		if err != nil {
			return nil, err
		}
		out, all, err := runZbar(program, "-Sdisable", "-Sqrcode.enable", files)
		if err != nil {
			return nil, err
		}
		found, err := zbarTexts(out)
		if err != nil {
			return nil, fmt.Errorf("zbarimg's answer: %w", err)
		}
		took := max(0, all-loading) / time.Duration(len(files))
		var readings []reading
		for _, file := range files {
			readings = append(readings, reading{found[file], took})
		}
		return readings, nil
	}}, nil
}

// runZbar gives zbarimg's answer and the processor time it took.
func runZbar(program, option1, option2 string, files []string) ([]byte, time.Duration, error) {
	cmd := exec.Command(program, append([]string{"-q", "--nodbus", "--xml", option1, option2}, files...)...)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1") // ImageMagick loads on all cores otherwise
	out, err := cmd.Output()
	// Code 4 says that no picture had a code.
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 4) {
		return nil, 0, fmt.Errorf("zbarimg: %w", err)
	}
	return out, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// zbarTexts are the texts of zbarimg's answer by file. What is not there had
// no code.
func zbarTexts(out []byte) (map[string][]string, error) {
	var answer struct {
		Source []struct {
			File  string   `xml:"href,attr"`
			Texts []string `xml:"index>symbol>data"`
		} `xml:"source"`
	}
	const end = "</barcodes>" // which it forgets when it found nothing
	if !bytes.Contains(out, []byte(end)) {
		out = append(out, end...)
	}
	if err := xml.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for _, s := range answer.Source {
		found[s.File] = s.Texts
	}
	return found, nil
}

// zxing is zxing-cpp 3, compiled to WebAssembly, under node. Its time is that
// in the reader.
func zxing() (reader, error) {
	folder := os.Getenv(wasmEnv)
	if folder == "" {
		return reader{}, fmt.Errorf("%s does not name the folder of node_modules/zxing-wasm", wasmEnv)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return reader{}, errors.New("node is not in PATH")
	}
	return reader{"zxing-cpp 3", func(pictures []*image.Gray, files []string) ([]reading, error) {
		script := filepath.Join(filepath.Dir(files[0]), "zxing.mjs")
		if err := os.WriteFile(script, zxingScript, 0o600); err != nil {
			return nil, err
		}
		cmd := exec.Command(node, script, folder)
		cmd.Stdin = strings.NewReader(strings.Join(files, "\n") + "\n")
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("node: %w: %s", err, complaint.String())
		}
		var all []reading
		for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
			var line struct {
				Texts []string
				MS    float64
			}
			if err := json.Unmarshal(s.Bytes(), &line); err != nil {
				return nil, fmt.Errorf("node's answer: %w", err)
			}
			all = append(all, reading{line.Texts, time.Duration(line.MS * float64(time.Millisecond))})
		}
		if len(all) != len(files) {
			return nil, fmt.Errorf("node answered %d of %d pictures", len(all), len(files))
		}
		return all, nil
	}}, nil
}
