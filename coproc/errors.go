package coproc

import "errors"

// The refusals of a coprocessor. Backends wrap them with the particulars;
// callers branch with errors.Is. The numbers are CCA's return and reason codes.
var (
	ErrProfile        = errors.New("no such profile")                                               // 8/773
	ErrPassphrase     = errors.New("wrong passphrase")                                              // 8/775
	ErrPassphraseForm = errors.New("no passphrase is like that")                                    //
	ErrLocked         = errors.New("the profile is locked after too many wrong passphrases")        //
	ErrInactive       = errors.New("the profile is not active today")                               //
	ErrNewPassphrase  = errors.New("the new passphrase is not good")                                //
	ErrAccess         = errors.New("not permitted to this profile")                                 // 8/90
	ErrClosed         = errors.New("the officer is logged off")                                     // 8/771
	ErrSetup          = errors.New("cannot set up the coprocessor")                                 //
	ErrExists         = errors.New("a coprocessor is there already")                                // 8/1027, 8/1028
	ErrBuild          = errors.New("it was made by another build of this program: begin anew")      //
	ErrDevice         = errors.New("it is another device")                                          //
	ErrNoReader       = errors.New("nobody could read what would be kept")                          //
	ErrDamaged        = errors.New("the coprocessor's state is damaged")                            //
	ErrMemory         = errors.New("this machine has not enough memory left to check a passphrase") //
	ErrJournal        = errors.New("the journal does not fit what the coprocessor remembers")       //
	ErrKeyExists      = errors.New("the key exists already")                                        // 8/1025
	ErrNoKey          = errors.New("there is no such key")                                          // 8/1026
	ErrRegistered     = errors.New("another one is registered already")                             // 8/1025
	ErrKeyRegistered  = errors.New("the SA key is registered, and its hash stays with it")          //
	ErrNotAsked       = errors.New("nobody asked for it")                                           //
	ErrNoHash         = errors.New("the SA-key hash is not registered")                             // 8/1033
	ErrNoSAKey        = errors.New("the SA key is not registered")                                  // 8/1034
	ErrHashDiffers    = errors.New("the SA key does not have the registered hash")                  // 8/1039
	ErrSameProfile    = errors.New("the same profile did the other half")                           //
	ErrClass          = errors.New("master keys of this class are not cloned")                      //
	ErrPart           = errors.New("the key part is not good")                                      //
	ErrRegister       = errors.New("the master-key register is not in the state for this")          // 8/24
	ErrWeakKey        = errors.New("the new master key is weak")                                    // 8/703
	ErrSameKey        = errors.New("the new master key is the same as the current or old one")      // 8/704
	ErrNotVerified    = errors.New("the new master key was not verified")                           //
	ErrPattern        = errors.New("the new master key is not the source's")                        // 4/1
	ErrShareIndex     = errors.New("there is no share of this index")                               // 8/1030
	ErrShareState     = errors.New("the share set is not in the state for this")                    // 8/1037
	ErrShareDone      = errors.New("the share was handled already")                                 // 8/1037
	ErrShareSet       = errors.New("it is of another share set")                                    //
	ErrVoid           = errors.New("the share set was cancelled")                                   //
	ErrStatement      = errors.New("no coprocessor states such a thing")                            //
	ErrShareTarget    = errors.New("it is for another target")                                      //
	ErrShareDamaged   = errors.New("the share does not open or its signature is not good")          // 8/1040
	ErrOtherMasterKey = errors.New("the master key is not the one that the share set began with")   //
)
