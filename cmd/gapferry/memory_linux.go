package main

import "golang.org/x/sys/unix"

// hideMemory keeps the process's memory out of core files, from debuggers of
// the same user and out of swap, as far as the system lets it: keys are in it.
// It reports whether the memory stays out of swap.
func hideMemory() (locked bool) {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	return mayLockAll() && unix.Mlockall(unix.MCL_CURRENT|unix.MCL_FUTURE|unix.MCL_ONFAULT) == nil
}

// mayLockAll reports whether nothing bounds how much this process may lock
// (mlockall(2), capabilities(7)). Under a bound the Go run time, which maps
// far more than it uses, would end the process in the middle of an act, when
// it grows.
func mayLockAll() bool {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil && limit.Cur == unix.RLIM_INFINITY {
		return true
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData // capabilities 0 to 31, and 32 to 63
	return unix.Capget(&header, &sets[0]) == nil && sets[0].Effective&(1<<unix.CAP_IPC_LOCK) != 0
}
