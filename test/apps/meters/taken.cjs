// Instruments under names and labels that Prometheus sets itself, one without a description, and one that hangs.
const { metrics } = require("@opentelemetry/api");
const { measure, serve } = require("./measure.cjs");

const meter = metrics.getMeter("shop", "1.2.3");
meter.createGauge("up", { description: "Whether the shop is open" }).record(0, { instance: "smtp-1", job: "mail" });
meter.createGauge("bare").record(1);
meter.createObservableGauge("slow", { description: "Never known" }).addCallback(() => new Promise(() => {}));
serve(measure(metrics));
