package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
)

// Failures is the number of wrong passphrases given for a profile since it
// last logged on, as its file has it: see the package comment.
func (c *Coprocessor) Failures(profile string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failures(profile)
}

func (c *Coprocessor) failures(profile string) (int, error) {
	if !validProfile(profile) {
		return 0, fmt.Errorf("%w: %q", coproc.ErrProfile, profile)
	}
	if _, err := os.Stat(c.profilePath(profile, keySuffix)); errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%w: %q", coproc.ErrProfile, profile)
	}
	return c.number(profile, countSuffix)
}

func (c *Coprocessor) setFailures(profile string, n int) error {
	return atomicfile.Replace(c.profilePath(profile, countSuffix), decimal(n))
}

// limit is the number of wrong passphrases that locks a profile, 0 for never,
// as the file beside it has it: it must be known before the state is open.
// Log-on compares it with the state.
func (c *Coprocessor) limit(profile string) (int, error) {
	return c.number(profile, limitSuffix)
}

// limit is what the file must say.
func (st *settings) limit(profile string) int {
	if st.role(profile).Permits(coproc.PermManageAccess) {
		return 0 // nobody could unlock it
	}
	return st.MaxFailures
}

func locked(failures, limit int) bool { return limit > 0 && failures >= limit }

// number reads a number that is kept beside a profile; 0 where there is none.
func (c *Coprocessor) number(profile, suffix string) (int, error) {
	b, err := os.ReadFile(c.profilePath(profile, suffix))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %v", coproc.ErrDamaged, err)
	}
	n, err := strconv.Atoi(string(bytes.TrimSuffix(b, []byte("\n"))))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: the count of wrong passphrases of profile %s", coproc.ErrDamaged, profile)
	}
	return n, nil
}

func decimal(n int) []byte { return []byte(strconv.Itoa(n) + "\n") }
