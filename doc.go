// Package everqual is the hall of the house: the nouns that two or more rooms
// share. It is pure, imports the standard library only, and holds no rule of
// any single room. The map of the house is ARCHITECTURE.md.
package everqual
