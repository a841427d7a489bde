package demo

import "time"

// A service answers operations, and calls others while it does.
type service struct {
	name       string
	version    string
	language   string
	operations map[string]operation
}

// An operation is one kind of request to a service.
type operation struct {
	method string
	route  string
	work   time.Duration // own time, on average
	calls  []call        // made one after the other
	store  *store        // a query made at the end
	log    string        // logged at the end of each request
}

// A call is a request from one service to another.
type call struct {
	service   string
	operation string
	share     float64 // of requests that make it; 0 means each
}

// A store is a database or cache that has no telemetry of its own.
type store struct {
	system    string // db.system.name
	statement string
	took      time.Duration // on average
}

// shop is the call graph. Visitors enter at the storefront.
var shop = map[string]service{
	"storefront": {
		name: "storefront", version: "4.2.0", language: "nodejs",
		operations: map[string]operation{
			"home":   {method: "GET", route: "/", work: 6 * time.Millisecond, calls: []call{{"catalogue", "list", 0}}, log: "rendered page"},
			"item":   {method: "GET", route: "/products/{id}", work: 5 * time.Millisecond, calls: []call{{"catalogue", "get", 0}, {"inventory", "stock", 0}}, log: "rendered page"},
			"basket": {method: "POST", route: "/cart", work: 4 * time.Millisecond, calls: []call{{"cart", "add", 0}}, log: "item put into cart"},
			"buy":    {method: "POST", route: "/checkout", work: 8 * time.Millisecond, calls: []call{{"cart", "get", 0}, {"checkout", "order", 0}}, log: "checkout finished"},
		},
	},
	"catalogue": {
		name: "catalogue", version: "2.8.1", language: "java",
		operations: map[string]operation{
			"list": {method: "GET", route: "/products", work: 9 * time.Millisecond, store: &store{"postgresql", "SELECT id, name, price FROM products ORDER BY rank LIMIT 24", 12 * time.Millisecond}, log: "listed products"},
			"get":  {method: "GET", route: "/products/{id}", work: 3 * time.Millisecond, store: &store{"postgresql", "SELECT * FROM products WHERE id = $1", 4 * time.Millisecond}, log: "found product"},
		},
	},
	"cart": {
		name: "cart", version: "1.9.3", language: "go",
		operations: map[string]operation{
			"add": {method: "POST", route: "/items", work: 2 * time.Millisecond, calls: []call{{"inventory", "stock", 0.5}}, store: &store{"redis", "HSET cart:{user} {item} 1", time.Millisecond}, log: "cart updated"},
			"get": {method: "GET", route: "/items", work: time.Millisecond, store: &store{"redis", "HGETALL cart:{user}", time.Millisecond}, log: "cart read"},
		},
	},
	"checkout": {
		name: "checkout", version: "3.0.7", language: "go",
		operations: map[string]operation{
			"order": {method: "POST", route: "/orders", work: 14 * time.Millisecond, calls: []call{{"inventory", "reserve", 0}, {"payment", "charge", 0}, {"shipping", "quote", 0}, {"mailer", "receipt", 0}}, log: "order placed"},
		},
	},
	"payment": {
		name: "payment", version: "5.1.0", language: "java",
		operations: map[string]operation{
			"charge": {method: "POST", route: "/charge", work: 90 * time.Millisecond, store: &store{"postgresql", "INSERT INTO charges (order_id, amount) VALUES ($1, $2)", 6 * time.Millisecond}, log: "card charged"},
		},
	},
	"inventory": {
		name: "inventory", version: "1.4.4", language: "python",
		operations: map[string]operation{
			"stock":   {method: "GET", route: "/stock/{id}", work: 4 * time.Millisecond, store: &store{"postgresql", "SELECT count FROM stock WHERE item = $1", 5 * time.Millisecond}, log: "stock looked up"},
			"reserve": {method: "POST", route: "/reservations", work: 11 * time.Millisecond, store: &store{"postgresql", "UPDATE stock SET count = count - 1 WHERE item = $1 AND count > 0", 9 * time.Millisecond}, log: "stock reserved"},
		},
	},
	"shipping": {
		name: "shipping", version: "2.2.0", language: "rust",
		operations: map[string]operation{
			"quote": {method: "POST", route: "/quotes", work: 18 * time.Millisecond, log: "shipping quoted"},
		},
	},
	"mailer": {
		name: "mailer", version: "0.7.9", language: "python",
		operations: map[string]operation{
			"receipt": {method: "POST", route: "/receipts", work: 35 * time.Millisecond, log: "receipt queued"},
		},
	},
}

// visits are what people do, with how often of 100.
var visits = []struct {
	operation string
	weight    int
}{{"home", 40}, {"item", 35}, {"basket", 15}, {"buy", 10}}
