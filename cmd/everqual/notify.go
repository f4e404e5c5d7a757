package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
)

// channel is one entry of HOME/notify.json. The URL is a secret: whoever knows
// it may write to the channel.
type channel struct {
	// Format is "slack", "chime" or "json"; where it is missing the host tells.
	Format embedded.Format `json:"format,omitempty"`
	URL    string          `json:"url"`
	Secret string          `json:"secret,omitempty"` // signs each notice (HMAC-SHA256)
}

// notifiers reads who wants to be told from HOME/notify.json. HOME/notices.log
// always is: a JSON line each.
func notifiers(home string) (flow.Notifier, error) {
	log := slog.New(slog.NewJSONHandler(appender(filepath.Join(home, "notices.log")), nil))
	all := []flow.Notifier{embedded.NewLog(log)}
	file := filepath.Join(home, "notify.json")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return embedded.Multi(all...), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read notification channels: %w", err)
	}
	var channels []channel
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&channels); err != nil {
		return nil, fmt.Errorf("read notification channels from %s: %w\nIt is a list such as [{\"format\": \"slack\", \"url\": \"https://...\"}]", file, err)
	}
	for i, c := range channels {
		n, err := embedded.NewWebhook(embedded.Webhook{URL: c.URL, Format: c.Format, Secret: c.Secret})
		if err != nil {
			return nil, fmt.Errorf("%s, channel %d: %w", file, i+1, err)
		}
		all = append(all, n)
	}
	return embedded.Multi(all...), nil
}

// appender is a file that is opened for each line, so that commands which tell
// nobody anything leave none behind.
type appender string

func (name appender) Write(line []byte) (int, error) {
	f, err := os.OpenFile(string(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := f.Write(line)
	return n, errors.Join(err, f.Close())
}
