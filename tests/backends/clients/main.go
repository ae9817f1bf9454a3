// Sends telemetry by the libraries that applications use: clients KIND ENDPOINT COUNT.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	jaegermodel "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"github.com/opentracing/opentracing-go"
	"github.com/openzipkin/zipkin-go"
	"github.com/openzipkin/zipkin-go/model"
	zipkinproto "github.com/openzipkin/zipkin-go/proto/zipkin_proto3"
	zipkinreporter "github.com/openzipkin/zipkin-go/reporter"
	zipkinhttp "github.com/openzipkin/zipkin-go/reporter/http"
	"github.com/uber/jaeger-client-go"
	"github.com/uber/jaeger-client-go/transport"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const service = "shop"

var kinds = map[string]func(ctx context.Context, endpoint string, count int) error{
	"otel-grpc":          func(ctx context.Context, to string, count int) error { return sendOtel(ctx, to, count, true) },
	"otel-http":          func(ctx context.Context, to string, count int) error { return sendOtel(ctx, to, count, false) },
	"jaeger-thrift-http": sendJaegerHTTP,
	"jaeger-compact":     sendJaegerCompact,
	"jaeger-grpc":        sendJaegerGRPC,
	"zipkin-json":        func(_ context.Context, to string, count int) error { return sendZipkin(to, count) },
	"zipkin-proto": func(_ context.Context, to string, count int) error {
		return sendZipkin(to, count, zipkinhttp.Serializer(zipkinproto.SpanSerializer{}))
	},
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("clients")
		return
	}
	if len(os.Args) != 4 || kinds[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: clients KIND ENDPOINT COUNT")
		os.Exit(2)
	}
	count, err := strconv.Atoi(os.Args[3])
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err = kinds[os.Args[1]](ctx, os.Args[2], count)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Traces, metrics and logs of the OpenTelemetry SDK: count spans and log records, and one data point of each of four instruments.
func sendOtel(ctx context.Context, to string, count int, isGRPC bool) error {
	res := resource.NewSchemaless(attribute.String("service.name", service))
	var traceExporter *otlptrace.Exporter
	var metricExporter sdkmetric.Exporter
	var logExporter sdklog.Exporter
	var errs [3]error
	if isGRPC {
		traceExporter, errs[0] = otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(to), otlptracegrpc.WithInsecure(), otlptracegrpc.WithCompressor("gzip"))
		metricExporter, errs[1] = otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpoint(to), otlpmetricgrpc.WithInsecure())
		logExporter, errs[2] = otlploggrpc.New(ctx, otlploggrpc.WithEndpoint(to), otlploggrpc.WithInsecure())
	} else {
		traceExporter, errs[0] = otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(to), otlptracehttp.WithInsecure(), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		metricExporter, errs[1] = otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpoint(to), otlpmetrichttp.WithInsecure())
		logExporter, errs[2] = otlploghttp.New(ctx, otlploghttp.WithEndpoint(to), otlploghttp.WithInsecure())
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}

	traces := trace.NewTracerProvider(trace.WithResource(res), trace.WithBatcher(traceExporter, trace.WithMaxQueueSize(count+1), trace.WithMaxExportBatchSize(64)))
	tracer := traces.Tracer("clients", oteltrace.WithInstrumentationVersion("1.2.3"))
	for i := range count {
		_, span := tracer.Start(ctx, "GET /orders", oteltrace.WithSpanKind(oteltrace.SpanKindServer),
			oteltrace.WithAttributes(attribute.Int("number", i), attribute.String("route", "/orders"), attribute.Bool("ok", true),
				attribute.Float64("share", 0.5), attribute.StringSlice("tags", []string{"a", "b"})))
		span.AddEvent("read", oteltrace.WithAttributes(attribute.Int("bytes", 10)))
		span.End()
	}

	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithResource(res), sdkmetric.WithReader(sdkmetric.NewPeriodicReader(metricExporter, sdkmetric.WithInterval(time.Hour))))
	meter := metrics.Meter("clients")
	counter, _ := meter.Int64Counter("requests", metric.WithUnit("1"))
	upDown, _ := meter.Float64UpDownCounter("queued")
	gauge, _ := meter.Float64Gauge("temperature", metric.WithUnit("Cel"))
	histogram, _ := meter.Float64Histogram("duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(0.1, 1))
	for range count {
		counter.Add(ctx, 1, metric.WithAttributes(attribute.String("route", "/orders")))
		histogram.Record(ctx, 0.25)
	}
	upDown.Add(ctx, -2.5)
	gauge.Record(ctx, 21.5)

	logs := sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(sdklog.NewBatchProcessor(logExporter, sdklog.WithMaxQueueSize(count+1))))
	logger := logs.Logger("clients")
	for i := range count {
		var record log.Record
		record.SetTimestamp(time.Now())
		record.SetSeverity(log.SeverityWarn)
		record.SetSeverityText("WARN")
		record.SetBody(attribute.StringValue(fmt.Sprintf("order %d", i)))
		record.AddAttributes(attribute.Int("number", i), attribute.Map("user", attribute.String("name", "ann")))
		logger.Emit(ctx, record)
	}
	for _, stop := range []func(context.Context) error{traces.Shutdown, metrics.Shutdown, logs.Shutdown} {
		if err := stop(ctx); err != nil {
			return err
		}
	}
	return nil
}

func sendJaegerHTTP(_ context.Context, to string, count int) error {
	return sendJaeger(transport.NewHTTPTransport("http://"+to+"/api/traces?format=jaeger.thrift", transport.HTTPBatchSize(50)), count)
}

func sendJaegerCompact(_ context.Context, to string, count int) error {
	sender, err := jaeger.NewUDPTransport(to, 0)
	if err != nil {
		return err
	}
	return sendJaeger(sender, count)
}

func sendJaeger(sender jaeger.Transport, count int) error {
	reporter := jaeger.NewRemoteReporter(sender, jaeger.ReporterOptions.QueueSize(2*count+1))
	tracer, closer := jaeger.NewTracer(service, jaeger.NewConstSampler(true), reporter, jaeger.TracerOptions.Tag("zone", "a"))
	for i := range count {
		parent := tracer.StartSpan("parent")
		span := tracer.StartSpan("GET /orders", opentracing.ChildOf(parent.Context()))
		span.SetTag("number", i).SetTag("span.kind", "server").SetTag("error", true).SetTag("share", 0.5)
		span.LogKV("event", "read", "bytes", 10)
		span.Finish()
		parent.Finish()
	}
	return closer.Close()
}

func sendJaegerGRPC(ctx context.Context, to string, count int) error {
	connection, err := grpc.NewClient(to, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	batch := jaegermodel.Batch{Process: jaegermodel.NewProcess(service, []jaegermodel.KeyValue{jaegermodel.String("zone", "a")})}
	for i := range count {
		batch.Spans = append(batch.Spans, &jaegermodel.Span{
			TraceID:       jaegermodel.NewTraceID(1, uint64(i+1)),
			SpanID:        jaegermodel.NewSpanID(uint64(i + 1)),
			OperationName: "GET /orders",
			StartTime:     time.Now(),
			Duration:      time.Millisecond,
			Tags:          []jaegermodel.KeyValue{jaegermodel.Int64("number", int64(i)), jaegermodel.String("span.kind", "server"), jaegermodel.Float64("share", 0.5)},
		})
	}
	_, err = api_v2.NewCollectorServiceClient(connection).PostSpans(ctx, &api_v2.PostSpansRequest{Batch: batch})
	return err
}

func sendZipkin(to string, count int, options ...zipkinhttp.ReporterOption) error {
	options = append(options, zipkinhttp.BatchSize(50))
	reporter := zipkinhttp.NewReporter("http://"+to+"/api/v2/spans", options...)
	endpoint, err := zipkin.NewEndpoint(service, "10.0.0.1:80")
	if err != nil {
		return err
	}
	tracer, err := zipkin.NewTracer(reporter, zipkin.WithLocalEndpoint(endpoint), zipkin.WithTraceID128Bit(true))
	if err != nil {
		return err
	}
	for i := range count {
		span := tracer.StartSpan("get /orders", zipkin.Kind(model.Server))
		span.Tag("number", strconv.Itoa(i))
		span.Tag("http.method", "GET")
		span.Annotate(time.Now(), "read")
		span.Finish()
	}
	return closeReporter(reporter)
}

func closeReporter(reporter zipkinreporter.Reporter) error {
	return reporter.Close()
}
