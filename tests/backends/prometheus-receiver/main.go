// Scrapes pages, one a scrape, and prints what the receiver makes of each: one JSON object a line in, one out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver/internal"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

type question struct {
	ContentType string   `json:"contentType"`
	Pages       []string `json:"pages"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("prometheus-receiver")
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var asked question
		must(json.Unmarshal(lines.Bytes(), &asked))
		text, err := json.Marshal(scrapePages(asked))
		must(err)
		fmt.Println(string(text))
	}
}

func scrapePages(asked question) []json.RawMessage {
	var mutex sync.Mutex
	served := 0
	var made []json.RawMessage
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		if served == len(asked.Pages) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", asked.ContentType)
		_, _ = io.WriteString(w, asked.Pages[served])
		served++
	}))
	defer server.Close()

	sink, err := consumer.NewMetrics(func(_ context.Context, metrics pmetric.Metrics) error {
		text, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(metrics)
		must(err)
		mutex.Lock()
		defer mutex.Unlock()
		if len(made) < len(asked.Pages) {
			made = append(made, text)
			if len(made) == len(asked.Pages) {
				close(done)
			}
		}
		return nil
	})
	must(err)
	store, err := internal.NewAppendable(sink, receivertest.NewNopSettings(receivertest.NopType), true, labels.EmptyLabels(), false)
	must(err)
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	manager, err := scrape.NewManager(&scrape.Options{PassMetadataInContext: true, DiscoveryReloadInterval: model.Duration(10 * time.Millisecond)}, logger, nil, nil, store, prometheus.NewRegistry())
	must(err)
	// Metadata and staleness are as with the defaults; only the interval is short.
	configuration, err := config.Load(`
global: { scrape_interval: 300ms, scrape_timeout: 300ms }
scrape_configs:
  - job_name: page
    always_scrape_classic_histograms: false
    scrape_native_histograms: true
`, logger)
	must(err)
	must(manager.ApplyConfig(configuration))
	groups := make(chan map[string][]*targetgroup.Group, 1)
	address, _ := url.Parse(server.URL)
	groups <- map[string][]*targetgroup.Group{"page": {{Targets: []model.LabelSet{{
		model.AddressLabel: model.LabelValue(address.Host), "instance": "i-1:80",
	}}}}}
	go func() { _ = manager.Run(groups) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
	}
	manager.Stop()
	mutex.Lock()
	defer mutex.Unlock()
	return made
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
