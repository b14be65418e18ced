//go:build unix

package store

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// fileOwner says whose a file is: "root (uid 0)".
func fileOwner(info os.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return userName(int(st.Uid))
}

// whoIsThis is the user of this process.
func whoIsThis() string { return userName(os.Geteuid()) }

// maxUsers bounds what is read of the list of users, in bytes.
const maxUsers = 1 << 20

// userName looks a user up in the file of local users alone: anything else may
// ask a server.
func userName(uid int) string {
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return fmt.Sprintf("uid %d", uid)
	}
	defer f.Close()
	for lines := bufio.NewScanner(io.LimitReader(f, maxUsers)); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) > 2 && fields[0] != "" && fields[2] == strconv.Itoa(uid) {
			return fmt.Sprintf("%s (uid %d)", fields[0], uid)
		}
	}
	return fmt.Sprintf("uid %d", uid)
}
