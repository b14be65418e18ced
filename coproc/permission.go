package coproc

import (
	"fmt"
	"slices"
)

// Permission is the authority for one act. Its number is the offset of the
// CCA access control point where one is public (CCA 2.54 manual and IBM's
// tables of required commands), or lies above 0xF000 where CCA has none.
type Permission uint16

// The acts. Obtaining and installing have one permission for each share
// index: see ObtainShare and InstallShare.
const (
	PermLoadFirstPart   Permission = 0x0018
	PermCombinePart     Permission = 0x0019
	PermSetMasterKey    Permission = 0x001A
	PermVerifyPattern   Permission = 0x001D
	PermRandomMasterKey Permission = 0x0020
	PermClearNew        Permission = 0x0032
	PermManageAccess    Permission = 0x0112
	PermSetEID          Permission = 0x011C
	PermSetShares       Permission = 0x011D
	PermRegisterHash    Permission = 0x0200
	PermRegisterKey     Permission = 0x0201
	PermGenerateKey     Permission = 0x0204
	PermAudit           Permission = 0xF001
	PermCertify         Permission = 0xF002
	PermCancel          Permission = 0xF003
	PermAskUnregister   Permission = 0xF004
	PermUnregisterHash  Permission = 0xF005

	permObtainBase  Permission = 0x0210
	permInstallBase Permission = 0x0220
)

// ObtainShare is the permission to obtain share i, 1 ≤ i ≤ 15.
func ObtainShare(i int) Permission { return permObtainBase + Permission(i) }

// InstallShare is the permission to install share i, 1 ≤ i ≤ 15.
func InstallShare(i int) Permission { return permInstallBase + Permission(i) }

func (p Permission) String() string {
	switch {
	case p > permObtainBase && p <= permObtainBase+MaxShares:
		return fmt.Sprintf("obtain share %d", p-permObtainBase)
	case p > permInstallBase && p <= permInstallBase+MaxShares:
		return fmt.Sprintf("install share %d", p-permInstallBase)
	}
	if s, ok := permissionNames[p]; ok {
		return s
	}
	return fmt.Sprintf("permission 0x%04X", uint16(p))
}

var permissionNames = map[Permission]string{
	PermLoadFirstPart:   "load first master-key part",
	PermCombinePart:     "combine master-key part",
	PermSetMasterKey:    "set master key",
	PermVerifyPattern:   "verify master key",
	PermRandomMasterKey: "generate random master key",
	PermClearNew:        "clear new master-key register",
	PermManageAccess:    "manage roles and profiles",
	PermSetEID:          "set environment id",
	PermSetShares:       "set m and n",
	PermRegisterHash:    "register SA-key hash",
	PermRegisterKey:     "register SA key",
	PermGenerateKey:     "generate retained key",
	PermAudit:           "audit access controls",
	PermCertify:         "certify a node's key",
	PermCancel:          "cancel a share set",
	PermAskUnregister:   "ask to unregister SA-key hash",
	PermUnregisterHash:  "unregister SA-key hash",
}

// Role is a named set of permissions. A profile has exactly one.
type Role struct {
	Name        string       `cbor:"1,keyasint"`
	Permissions []Permission `cbor:"2,keyasint"` // ascending
}

// Permits reports whether the role holds p.
func (r Role) Permits(p Permission) bool { return slices.Contains(r.Permissions, p) }

// DefaultRole is the name of what can be done while nobody is logged on:
// nothing. Every coprocessor reports it, and no profile has it.
const DefaultRole = "DEFAULT"

// UsesKeys reports whether the role may sign and open bundles: it holds an act
// besides those of an administrator, and does not manage access.
func (r Role) UsesKeys() bool {
	return !r.Permits(PermManageAccess) && slices.ContainsFunc(r.Permissions, func(p Permission) bool {
		return p == PermAudit || KeyAct(p)
	})
}

// KeyAct reports whether p is an act on keys, which whoever manages access must
// not hold.
func KeyAct(p Permission) bool {
	switch p {
	case PermManageAccess, PermSetEID, PermSetShares, PermAudit:
		return false
	}
	return true
}

// ShareIndex is the index of the share that p obtains or installs; 0 of every
// other act.
func (p Permission) ShareIndex() int {
	for _, base := range []Permission{permObtainBase, permInstallBase} {
		if p > base && p <= base+MaxShares {
			return int(p - base)
		}
	}
	return 0
}
