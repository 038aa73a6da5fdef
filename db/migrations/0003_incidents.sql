CREATE TABLE "incident_inbox" (
	"id" serial PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"event_id" text NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"reading" jsonb NOT NULL,
	"applied_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" serial PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"key" text NOT NULL,
	"number" text,
	"url" text,
	"title" text NOT NULL,
	"state" text NOT NULL,
	"severity" text,
	"service" text,
	"acknowledged_by" text,
	"channel" jsonb,
	"merged_into" integer,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"end_due_at" timestamp (3) with time zone,
	"confirmed_at" timestamp (3) with time zone NOT NULL,
	"poll_due_at" timestamp (3) with time zone,
	"lease_token" text,
	"lease_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"unknown_since" timestamp (3) with time zone,
	"unconfirmed_alerted" boolean DEFAULT false NOT NULL,
	"note_due_at" timestamp (3) with time zone,
	"note_doubts" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "incident_id" integer;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_merged_into_incidents_id_fk" FOREIGN KEY ("merged_into") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "incident_inbox_event" ON "incident_inbox" USING btree ("source","event_id");--> statement-breakpoint
CREATE INDEX "incident_inbox_waiting" ON "incident_inbox" USING btree ("id") WHERE applied_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_key" ON "incidents" USING btree ("source","key");--> statement-breakpoint
CREATE INDEX "incidents_end_due" ON "incidents" USING btree ("end_due_at") WHERE end_due_at is not null;--> statement-breakpoint
CREATE INDEX "incidents_poll" ON "incidents" USING btree ("poll_due_at") WHERE poll_due_at is not null;--> statement-breakpoint
CREATE INDEX "incidents_note" ON "incidents" USING btree ("note_due_at") WHERE note_due_at is not null;--> statement-breakpoint
CREATE INDEX "incidents_open" ON "incidents" USING btree ("opened_at") WHERE state = 'open';--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "requests_incident" ON "requests" USING btree ("incident_id") WHERE incident_id is not null;