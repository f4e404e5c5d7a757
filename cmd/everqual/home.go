package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
	"github.com/everqual/everqual/specification"
)

// onAWS is the name of the home where --home is aws://NAME.
func (a *app) onAWS() (name string, ok bool) { return strings.CutPrefix(a.home, "aws://") }

// deployment reads once what a home on AWS consists of.
func (a *app) deployment(ctx context.Context, name string) (awshome.Options, error) {
	if a.deployed == nil {
		c, err := awshome.ReadConfig(ctx, name)
		if err != nil {
			return awshome.Options{}, err
		}
		a.deployed = &c
	}
	return awshome.Options{Config: a.deployed, Log: a.logger(), Watch: a.telemetry.Watch()}, nil
}

// existing refuses to make a new home for a command that only reads one.
func (a *app) existing(ctx context.Context) error {
	if name, ok := a.onAWS(); ok {
		_, err := a.deployment(ctx, name)
		return err
	}
	_, err := os.Stat(a.home)
	if err != nil {
		err = fmt.Errorf("open home: %w", err)
	} else {
		err = embedded.Find(a.home)
	}
	if err != nil {
		return usagef("%w\nName the folder with --home, or start one with 'everqual run --from ... --home %s'", err, a.home)
	}
	return nil
}

// openHome opens the home, which says when it could not be closed well, such as when
// what was recorded could not be signed: commands close it when they have nothing more
// to say, and what was done is not undone by it.
func (a *app) openHome(ctx context.Context, opt embedded.Options) (flow.Home, error) {
	home, err := a.openEither(ctx, opt)
	if err != nil {
		return flow.Home{}, err
	}
	closing := home.Close
	home.Close = func() error {
		err := closing()
		if err != nil {
			a.logger().Error("close the home", "cause", err)
			a.unclosed.Store(true)
		}
		return err
	}
	return home, nil
}

// ended tells whether all was closed well; that it was not is said already.
func (a *app) ended() error {
	if a.unclosed.Load() {
		return exitCode(exitPartly)
	}
	return nil
}

func (a *app) openEither(ctx context.Context, opt embedded.Options) (flow.Home, error) {
	name, ok := a.onAWS()
	if !ok {
		opt, err := a.embeddedOptions(opt)
		if err != nil {
			return flow.Home{}, err
		}
		return embedded.Open(a.home, opt)
	}
	deployed, err := a.deployment(ctx, name)
	if err != nil {
		return flow.Home{}, err
	}
	deployed.Clock, deployed.Notify = opt.Clock, opt.Notify
	return awshome.Open(ctx, name, deployed)
}

// folder is a folder of the home that people keep files in; nil: it has none.
func (a *app) folder(ctx context.Context, sub string) (fs.FS, error) {
	name, ok := a.onAWS()
	if !ok {
		dir := filepath.Join(a.home, sub)
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return nil, nil
		}
		return os.DirFS(dir), nil
	}
	deployed, err := a.deployment(ctx, name)
	if err != nil {
		return nil, err
	}
	return awshome.Folder(ctx, name, sub, deployed)
}

// library reads the specifications. Problems in them stop the command: judging
// by half a specification would be worse than not judging.
func (a *app) library(ctx context.Context) (*specification.Library, error) {
	if a.specs != "" {
		return loaded(specification.LoadPaths(a.specs))
	}
	files, err := a.folder(ctx, "specs")
	if err != nil || files == nil {
		return nil, err // a nil library is empty
	}
	name, _ := a.onAWS()
	if name == "" {
		name = a.home
	}
	return loaded(specification.Load(files, filepath.Join(name, "specs")))
}

func (a *app) ruleSet(ctx context.Context) (*rule.Set, error) {
	from := a.rules
	files := os.DirFS(from)
	if from == "" {
		var err error
		if files, err = a.folder(ctx, "rules"); err != nil {
			return nil, err
		}
		if files == nil {
			return rule.Load(rules.Files)
		}
		from = a.home + "/rules"
	}
	set, err := rule.Load(files)
	if err != nil {
		return nil, fmt.Errorf("load rules from %s: %w", from, err)
	}
	return set, nil
}
