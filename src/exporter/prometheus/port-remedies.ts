/** What keeps the endpoint from opening, by the system's code, and what to do about it. */
export const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any",
  EACCES: "the port may not be opened by this user; set OTEL_EXPORTER_PROMETHEUS_PORT to one from 1024 on",
  EADDRNOTAVAIL:
    "the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all",
  EAFNOSUPPORT:
    "the machine has no such kind of address; set OTEL_EXPORTER_PROMETHEUS_HOST to one that it has, or to 0.0.0.0 for all",
  ENOTFOUND:
    "the host is not known; set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine, or to 0.0.0.0 for all",
  EAI_AGAIN:
    "the host cannot be looked up; set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine, or to 0.0.0.0 for all",
  EINVAL: "the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all",
};
