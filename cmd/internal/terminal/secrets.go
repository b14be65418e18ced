package terminal

import (
	"bytes"
	"io"
	"os"

	"github.com/gapferry/gapferry/coproc/outside"
)

// Secrets are passphrases or key parts by name, read from a descriptor once.
type Secrets map[string][]byte

// maxSecrets bounds what is read from a descriptor, in bytes.
const maxSecrets = 64 << 10

// ReadSecrets reads lines NAME:SECRET. Nothing of a line is ever printed.
func ReadSecrets(fd int) (Secrets, error) {
	if fd < 0 {
		return nil, nil
	}
	f := os.NewFile(uintptr(fd), "secrets")
	if f == nil {
		return nil, Usagef("file descriptor %d is not open", fd)
	}
	defer f.Close()
	if IsTerminal(f) {
		return nil, Usagef("file descriptor %d is a terminal: what is typed there can be seen; leave it out, and it is asked for", fd)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecrets+1))
	if err != nil {
		return nil, Usagef("file descriptor %d cannot be read", fd)
	}
	defer clear(b)
	if len(b) > maxSecrets {
		return nil, Usagef("file descriptor %d gives more than %d bytes", fd, maxSecrets)
	}
	text, err := outside.Plain(b)
	if err != nil {
		return nil, Usagef("file descriptor %d gives text that cannot be read: %v", fd, err)
	}
	s := Secrets{}
	for i, line := range bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n")) {
		name, secret, ok := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(":"))
		if !ok || len(name) == 0 || len(secret) == 0 {
			return nil, Usagef("file descriptor %d, line %d is not NAME:SECRET", fd, i+1)
		}
		if _, twice := s[string(name)]; twice {
			return nil, Usagef("file descriptor %d, line %d: the name of this line is there twice", fd, i+1)
		}
		s[string(name)] = bytes.Clone(secret)
	}
	return s, nil
}
