package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// window is the shortest run of secret bytes that counts as a leak.
const window = 8

// needles are all forms in which a secret could stand in a file: each run of
// window bytes, raw and reversed, in hex, base64 and base45 at any alignment.
func needles(secret []byte) map[string][]byte {
	all := map[string][]byte{}
	backwards := slices.Clone(secret)
	slices.Reverse(backwards)
	for name, s := range map[string][]byte{"": secret, "reversed ": backwards} {
		for i := 0; i+window <= len(s); i++ {
			part := s[i : i+window]
			all[fmt.Sprintf("%sraw %d", name, i)] = part
			all[fmt.Sprintf("%shex %d", name, i)] = []byte(hex.EncodeToString(part))
			all[fmt.Sprintf("%sHEX %d", name, i)] = []byte(strings.ToUpper(hex.EncodeToString(part)))
			// Six bytes, and so eight characters, of the window are whole
			// base64 groups whatever the alignment; likewise for base45.
			for shift := range 3 {
				group := part[shift : shift+3*((window-shift)/3)]
				all[fmt.Sprintf("%sbase64 %d+%d", name, i, shift)] = []byte(base64.RawStdEncoding.EncodeToString(group))
				all[fmt.Sprintf("%sbase64url %d+%d", name, i, shift)] = []byte(base64.RawURLEncoding.EncodeToString(group))
			}
			for shift := range 2 {
				all[fmt.Sprintf("%sbase45 %d+%d", name, i, shift)] = base45(part[shift : shift+2*((window-shift)/2)])
			}
		}
	}
	return all
}

// base45 encodes an even number of bytes (RFC 9285).
func base45(b []byte) []byte {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	var out []byte
	for i := 0; i+1 < len(b); i += 2 {
		n := int(b[i])<<8 | int(b[i+1])
		out = append(out, alphabet[n%45], alphabet[n/45%45], alphabet[n/2025])
	}
	return out
}

func findSecret(in []byte, secrets map[string][]byte) string {
	for name, s := range secrets {
		for form, needle := range needles(s) {
			if bytes.Contains(in, needle) {
				return name + ", " + form
			}
		}
	}
	return ""
}

// secretsOf are the secrets of the tests' ceremonies.
func secretsOf() map[string][]byte {
	key := make([]byte, 24)
	for i := range key {
		key[i] = byte(i + 1)
	}
	first, second := knownParts()
	part1, _ := hex.DecodeString(first)
	part2, _ := hex.DecodeString(second)
	return map[string][]byte{
		"master key": key, "first part": part1, "last part": part2, "passphrase": []byte("Korrekt Hors"),
	}
}

// searchSecrets looks for them in every file of every room and stick, and in
// everything that was printed.
func (r *rooms) searchSecrets() {
	r.t.Helper()
	secrets := secretsOf()
	files := 0
	err := filepath.WalkDir(r.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if found := findSecret(b, secrets); found != "" {
			r.t.Errorf("%s: %s", path, found)
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if files < 20 {
		r.t.Errorf("only %d files were searched", files)
	}
	for _, text := range r.words {
		if found := findSecret([]byte(text), secrets); found != "" {
			r.t.Errorf("printed: %s", found)
		}
	}
}

// The search itself must find a secret in each of its forms.
func TestLeakSearchFinds(t *testing.T) {
	key := secretsOf()["master key"]
	backwards := slices.Clone(key)
	slices.Reverse(backwards)
	for name, planted := range map[string][]byte{
		"raw":            key,
		"a part":         key[5:13],
		"reversed":       backwards,
		"hex":            []byte(hex.EncodeToString(key)),
		"upper-case hex": []byte(strings.ToUpper(hex.EncodeToString(key))),
		"base64":         []byte(base64.StdEncoding.EncodeToString(key)),
		"base64 behind":  []byte(base64.StdEncoding.EncodeToString(append([]byte{9}, key...))),
		"base45":         base45(key),
		"base45 behind":  base45(append(append([]byte{9}, key...), 9)),
	} {
		if findSecret(append([]byte("something before "), planted...), secretsOf()) == "" {
			t.Errorf("%s: not found", name)
		}
	}
	if found := findSecret([]byte("nothing of it"), secretsOf()); found != "" {
		t.Errorf("found %s in nothing", found)
	}
}
