package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// A coprocessor is set up once, by an administrator. From then on its officers
// log on, and each can do what their role permits and nothing else.
func ExampleCreate() {
	room, err := os.MkdirTemp("", "room")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(room)
	setup := coproc.Setup{
		Ceremony: coproc.CeremonyID([]byte("example ceremony")), Rehearsal: true,
		Serial: coproc.Serial([]byte("SOFT0001")), EID: coproc.EID([]byte("SHAREADM        ")),
		M: 2, N: 3,
	}
	for name, permission := range map[string]coproc.Permission{"KEYGEN": coproc.PermGenerateKey, "AUDITOR": coproc.PermAudit, "ADMIN": coproc.PermManageAccess} {
		setup.Roles = append(setup.Roles, coproc.Role{Name: "R-" + name, Permissions: []coproc.Permission{permission}})
		setup.Profiles = append(setup.Profiles, coproc.ProfileSetup{
			Profile:    coproc.Profile{Name: name, Role: "R-" + name, Person: "Officer " + name},
			Passphrase: []byte("correct horse battery staple " + name),
		})
	}
	dir := filepath.Join(room, "device")
	if err := engine.Create(context.Background(), dir, setup, soft.Chip{}); err != nil {
		fmt.Println(err)
		return
	}

	device, err := engine.Open(context.Background(), dir, soft.Chip{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer device.Close()
	_, err = device.LogOn("KEYGEN", []byte("correct horse battery staple AUDITOR"), time.Now())
	fmt.Println(err)
	session, err := device.LogOn("KEYGEN", []byte("correct horse battery staple KEYGEN"), time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()
	info, err := session.Info()
	fmt.Printf("%s: %d of %d shares, %v\n", info.Serial, info.M, info.N, err)
	// Output:
	// wrong passphrase
	// SOFT0001: 2 of 3 shares, <nil>
}
