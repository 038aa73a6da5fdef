CREATE TABLE "account_pins" (
	"target_id" text NOT NULL,
	"account" text NOT NULL,
	"email" text NOT NULL,
	"pinned_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "account_pins_target_id_account_pk" PRIMARY KEY("target_id","account")
);
--> statement-breakpoint
CREATE TABLE "assignments" (
	"id" serial PRIMARY KEY NOT NULL,
	"target_id" text NOT NULL,
	"edge" text NOT NULL,
	"connector" text NOT NULL,
	"permission" jsonb NOT NULL,
	"account" text NOT NULL,
	"state" text NOT NULL,
	"generation" integer NOT NULL,
	"due_at" timestamp (3) with time zone,
	"retry_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"last_error_code" text,
	"lease_token" text,
	"lease_until" timestamp (3) with time zone,
	"baseline" text,
	"unsettled_until" timestamp (3) with time zone,
	"late_landing_possible" boolean DEFAULT false NOT NULL,
	"removed_at" timestamp (3) with time zone,
	"rereads" integer DEFAULT 0 NOT NULL,
	"inherited" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"observed_at" timestamp (3) with time zone,
	"absent_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"grant_id" text NOT NULL,
	"assignment_id" integer NOT NULL,
	"generation" integer NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"released_at" timestamp (3) with time zone,
	"shared" boolean DEFAULT false NOT NULL,
	CONSTRAINT "claims_grant_id_assignment_id_pk" PRIMARY KEY("grant_id","assignment_id")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"key" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"outcome" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" text PRIMARY KEY NOT NULL,
	"subject_id" integer NOT NULL,
	"role" text NOT NULL,
	"state" text NOT NULL,
	"duration_s" integer NOT NULL,
	"approved_at" timestamp (3) with time zone NOT NULL,
	"start_by" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"ends_by" timestamp (3) with time zone,
	"first_call_at" timestamp (3) with time zone,
	"live_at" timestamp (3) with time zone,
	"remind_at" timestamp (3) with time zone,
	"ending_at" timestamp (3) with time zone,
	"end_reason" text,
	"ended_by" text,
	"end_note" text,
	"ended_at" timestamp (3) with time zone,
	"overdue_alerted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "principals" (
	"id" serial PRIMARY KEY NOT NULL,
	"kind" text DEFAULT 'human' NOT NULL,
	"platform" text NOT NULL,
	"workspace" text NOT NULL,
	"user_id" text NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"time_zone" text,
	"active" boolean DEFAULT true NOT NULL,
	"bound_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "requests" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"extends_grant" text,
	"requester_id" integer NOT NULL,
	"subject_id" integer NOT NULL,
	"role" text NOT NULL,
	"role_title" text NOT NULL,
	"risk" text NOT NULL,
	"environment" text NOT NULL,
	"duration_s" integer NOT NULL,
	"ends_by" timestamp (3) with time zone,
	"reference" text,
	"reason" text NOT NULL,
	"entitlements" jsonb NOT NULL,
	"state" text NOT NULL,
	"decision" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"remind_at" timestamp (3) with time zone,
	"decided_at" timestamp (3) with time zone,
	"decided_by" integer,
	"decision_note" text,
	"approved_duration_s" integer
);
--> statement-breakpoint
CREATE TABLE "switches" (
	"name" text PRIMARY KEY NOT NULL,
	"on" boolean NOT NULL,
	"actor" text NOT NULL,
	"note" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "votes" (
	"id" serial PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"stage" integer NOT NULL,
	"approver_id" integer NOT NULL,
	"verdict" text NOT NULL,
	"duration_s" integer,
	"note" text,
	"at" timestamp (3) with time zone NOT NULL,
	"live" boolean DEFAULT true NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cards" (
	"id" serial PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"audience" text NOT NULL,
	"platform" text NOT NULL,
	"recipient" text NOT NULL,
	"round" integer DEFAULT 0 NOT NULL,
	"conversation" text,
	"message" text,
	"wanted_revision" integer DEFAULT 1 NOT NULL,
	"posted_revision" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone,
	"lease_token" text,
	"lease_until" timestamp (3) with time zone,
	"intent_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" serial PRIMARY KEY NOT NULL,
	"request_id" text,
	"audience" text NOT NULL,
	"platform" text NOT NULL,
	"recipient" text DEFAULT '' NOT NULL,
	"notice" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"lease_token" text,
	"lease_until" timestamp (3) with time zone,
	"intent_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"details" jsonb NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_inbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_grant_id_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_assignment_id_assignments_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_id_requests_id_fk" FOREIGN KEY ("id") REFERENCES "public"."requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_subject_id_principals_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_requester_id_principals_id_fk" FOREIGN KEY ("requester_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_subject_id_principals_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "requests" ADD CONSTRAINT "requests_decided_by_principals_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_approver_id_principals_id_fk" FOREIGN KEY ("approver_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cards" ADD CONSTRAINT "cards_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "assignments_one_edge" ON "assignments" USING btree ("target_id","edge");--> statement-breakpoint
CREATE INDEX "assignments_due" ON "assignments" USING btree ("connector","due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "claims_assignment" ON "claims" USING btree ("assignment_id");--> statement-breakpoint
CREATE INDEX "deliveries_at" ON "deliveries" USING btree ("at");--> statement-breakpoint
CREATE INDEX "grants_starting" ON "grants" USING btree ("start_by") WHERE state = 'starting';--> statement-breakpoint
CREATE INDEX "grants_live" ON "grants" USING btree ("ends_at") WHERE state in ('starting', 'live');--> statement-breakpoint
CREATE INDEX "grants_reminder" ON "grants" USING btree ("remind_at") WHERE state = 'live' and remind_at is not null;--> statement-breakpoint
CREATE INDEX "grants_overdue" ON "grants" USING btree ("ending_at") WHERE state = 'ending' and overdue_alerted_at is null;--> statement-breakpoint
CREATE INDEX "grants_open_subject" ON "grants" USING btree ("subject_id") WHERE state <> 'ended';--> statement-breakpoint
CREATE UNIQUE INDEX "principals_identity" ON "principals" USING btree ("platform","workspace","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "principals_email" ON "principals" USING btree ("email","platform");--> statement-breakpoint
CREATE INDEX "requests_pending_expiry" ON "requests" USING btree ("expires_at") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "requests_pending_reminder" ON "requests" USING btree ("remind_at") WHERE state = 'pending' and remind_at is not null;--> statement-breakpoint
CREATE INDEX "requests_extensions" ON "requests" USING btree ("extends_grant") WHERE extends_grant is not null;--> statement-breakpoint
CREATE INDEX "requests_requester" ON "requests" USING btree ("requester_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "requests_one_open" ON "requests" USING btree ("subject_id","role") WHERE state = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "votes_one_live" ON "votes" USING btree ("request_id","stage","approver_id") WHERE live;--> statement-breakpoint
CREATE UNIQUE INDEX "cards_one_each" ON "cards" USING btree ("request_id","audience","platform","recipient","round");--> statement-breakpoint
CREATE INDEX "cards_due" ON "cards" USING btree ("due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "notices_due" ON "notices" USING btree ("id") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "notices_conversation" ON "notices" USING btree ("audience","platform","recipient",(case "audience" when 'person' then '' else coalesce("request_id", '') end),"id") WHERE due_at is not null;