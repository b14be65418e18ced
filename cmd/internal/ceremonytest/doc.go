// Package ceremonytest plays whole ceremonies over the real code: rooms with
// real stores, honest people, sticks that are no better than sticks, clocks,
// and processes that die at any call. It is for tests.
//
// A World is one ceremony. Its methods are what somebody does in a room; after
// each the World checks what must always hold, and keeps what does not. Walk
// makes a World, does moves at random in it as a seed says, and then lets an
// operator who follows what the program says bring the ceremony to its end.
//
// Only exported calls are used. So the tests outlive what is behind them.
package ceremonytest
