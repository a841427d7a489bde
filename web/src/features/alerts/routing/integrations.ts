/** A setting of an integration that the form asks for. */
export interface Setting {
  key: string;
  label: string;
  secret?: true;
  required?: true;
  kind?: "number" | "switch";
  placeholder?: string;
  description?: string;
}

/** An integration that has a form; the others are written as YAML. */
export interface Integration {
  label: string;
  /** Whether the end of an alert is told where that is not said. */
  resolved: boolean;
  settings: readonly Setting[];
}

/** By the kind of Alertmanager's key, without "_configs". */
export const integrations: Readonly<Record<string, Integration>> = {
  webhook: {
    label: "Webhook",
    resolved: true,
    settings: [{ key: "url", label: "URL", secret: true, required: true, placeholder: "https://" }],
  },
  email: {
    label: "E-mail",
    resolved: false,
    settings: [
      { key: "to", label: "To", required: true, placeholder: "oncall@example.com, lead@example.com" },
      { key: "from", label: "From", placeholder: "oriel@example.com", description: "Where it is not in the global settings" },
      { key: "smarthost", label: "Server", placeholder: "smtp.example.com:587", description: "Where it is not in the global settings" },
      { key: "auth_username", label: "User" },
      { key: "auth_password", label: "Password", secret: true },
      { key: "require_tls", label: "Only over TLS", kind: "switch" },
    ],
  },
  slack: {
    label: "Slack",
    resolved: false,
    settings: [
      { key: "api_url", label: "Webhook URL", secret: true, placeholder: "https://hooks.slack.com/services/…" },
      { key: "channel", label: "Channel", placeholder: "#oncall" },
      { key: "title", label: "Title", description: "A template; Alertmanager's if empty" },
      { key: "text", label: "Text", description: "A template; what fires and its evidence if empty" },
    ],
  },
  pagerduty: {
    label: "PagerDuty",
    resolved: true,
    settings: [
      { key: "routing_key", label: "Integration key", secret: true, required: true },
      { key: "severity", label: "Severity", placeholder: "critical" },
    ],
  },
  opsgenie: {
    label: "Opsgenie",
    resolved: true,
    settings: [
      { key: "api_key", label: "API key", secret: true },
      { key: "api_url", label: "API address", placeholder: "https://api.eu.opsgenie.com/" },
      { key: "priority", label: "Priority", placeholder: "P2" },
    ],
  },
  telegram: {
    label: "Telegram",
    resolved: true,
    settings: [
      { key: "bot_token", label: "Bot token", secret: true },
      { key: "chat_id", label: "Chat", kind: "number", required: true, placeholder: "-1001234567890" },
    ],
  },
  msteamsv2: {
    label: "MS Teams (workflow)",
    resolved: true,
    settings: [{ key: "webhook_url", label: "Workflow URL", secret: true, required: true, placeholder: "https://" }],
  },
  msteams: {
    label: "MS Teams (connector)",
    resolved: true,
    settings: [{ key: "webhook_url", label: "Connector URL", secret: true, required: true, placeholder: "https://" }],
  },
  discord: {
    label: "Discord",
    resolved: true,
    settings: [{ key: "webhook_url", label: "Webhook URL", secret: true, required: true, placeholder: "https://discord.com/api/webhooks/…" }],
  },
  pushover: {
    label: "Pushover",
    resolved: true,
    settings: [
      { key: "user_key", label: "User key", secret: true, required: true },
      { key: "token", label: "Token", secret: true, required: true },
    ],
  },
};

/** A kind as people call it. */
export function integrationLabel(kind: string): string {
  return integrations[kind]?.label ?? kind;
}

/** Whether a value stands for a secret that is kept. */
export function isKept(value: unknown): boolean {
  return typeof value === "string" && /^<secret(?: \d+)?>$/.test(value);
}
