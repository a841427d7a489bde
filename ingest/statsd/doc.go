// Package statsd takes StatsD and DogStatsD over UDP, TCP and Unix datagram
// sockets, adds it up, and stores it at every flush interval.
//
// Specifications: the "Metric Types" of StatsD's repository, and DogStatsD's
// datagram format up to 1.3. Several values may stand in a line, packed as
// DogStatsD (`a:1:2|ms`) or StatsD (`a:1|c:2|c`) does. Tags may be DogStatsD's
// (`|#env:prod,canary`), InfluxDB's (`a,env=prod:1|c`), Librato's
// (`a#env=prod:1|c`) and SignalFx' (`a[env=prod]:1|c`); a tag without a value
// has the value true. Names and labels follow the mapping file of Prometheus'
// exporter for StatsD, if there is one.
//
//   - A counter is a Prometheus counter that starts at zero when it is first
//     seen, so that rate and increase see its first value.
//   - A gauge keeps its value; a sign makes the value relative.
//   - A timer, in seconds, a histogram and a distribution are native
//     histograms, or what the configuration or a rule says: histograms with
//     buckets, or summaries.
//   - A set is a gauge of how many members the last interval had.
//
// A sampled value counts as often as it stands for. What has not been seen for
// the time to live ends with a staleness marker. Sums are in memory: a restart
// is a counter reset. Times of DogStatsD 1.3 are read but not used, and so are
// container ids: they would make a series of each container. Events and service
// checks are not taken. There is no answer in StatsD: what is refused is
// counted.
//
// The parser is our own: that of Prometheus' exporter has no sets, makes a
// million events of a line that says it is one of a million, and allocates for
// each tag. Here a line whose series is known allocates nothing.
package statsd
