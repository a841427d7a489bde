package scrape

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/config"
)

// Check returns what would keep c's targets from being scraped as it says, the
// files it names included. c is as config.Load made it.
func Check(c *config.Config) error {
	var errs []error
	for _, glob := range c.ScrapeConfigFiles {
		if strings.ContainsAny(glob, `*?[\`) {
			continue
		}
		if _, err := os.Stat(glob); err != nil {
			errs = append(errs, fmt.Errorf("scrape_config_files: %w", err))
		}
	}
	jobs, err := c.GetScrapeConfigs()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, job := range jobs {
		if err := checkJob(job); err != nil {
			errs = append(errs, fmt.Errorf("job %q: %w", job.JobName, err))
		}
	}
	return errors.Join(errs...)
}

// checkJob finds what Prometheus finds only when it makes the client, or opens
// the file, and then only logs.
func checkJob(job *config.ScrapeConfig) error {
	client, err := promconfig.NewClientFromConfig(job.HTTPClientConfig, job.JobName)
	if err != nil {
		return err
	}
	client.CloseIdleConnections()
	if file := job.ScrapeFailureLogFile; file != "" {
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return fmt.Errorf("scrape_failure_log_file: %s is not a folder", filepath.Dir(file))
		}
	}
	return nil
}
