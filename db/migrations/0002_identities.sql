CREATE TABLE "identities" (
	"platform" text NOT NULL,
	"workspace" text NOT NULL,
	"user_id" text NOT NULL,
	"principal_id" integer NOT NULL,
	"name" text NOT NULL,
	"time_zone" text,
	"active" boolean DEFAULT true NOT NULL,
	"bound_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "identities_platform_workspace_user_id_pk" PRIMARY KEY("platform","workspace","user_id")
);
--> statement-breakpoint
CREATE TABLE "addressees" (
	"tenant" text NOT NULL,
	"user_id" text NOT NULL,
	"address" text,
	"name" text NOT NULL,
	"time_zone" text,
	"service_url" text NOT NULL,
	"direct" text,
	"seen_in" text NOT NULL,
	CONSTRAINT "addressees_tenant_user_id_pk" PRIMARY KEY("tenant","user_id")
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"service_url" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "teams" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"name" text NOT NULL,
	"service_url" text NOT NULL
);
--> statement-breakpoint
DROP INDEX "principals_identity";--> statement-breakpoint
DROP INDEX "principals_email";--> statement-breakpoint
INSERT INTO "identities" ("platform", "workspace", "user_id", "principal_id", "name", "time_zone", "active", "bound_at")
	SELECT "platform", "workspace", "user_id", "id", "name", "time_zone", "active", "bound_at" FROM "principals";--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "platform" text;--> statement-breakpoint
UPDATE "requests" SET "platform" = p."platform" FROM "principals" p WHERE p."id" = "requester_id";--> statement-breakpoint
ALTER TABLE "requests" ALTER COLUMN "platform" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "cards" ADD COLUMN "in_thread" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "identities_one_each" ON "identities" USING btree ("principal_id","platform");--> statement-breakpoint
CREATE INDEX "addressees_address" ON "addressees" USING btree ("address");--> statement-breakpoint
CREATE UNIQUE INDEX "principals_email" ON "principals" USING btree ("email");--> statement-breakpoint
ALTER TABLE "principals" DROP COLUMN "platform";--> statement-breakpoint
ALTER TABLE "principals" DROP COLUMN "workspace";--> statement-breakpoint
ALTER TABLE "principals" DROP COLUMN "user_id";--> statement-breakpoint
ALTER TABLE "principals" DROP COLUMN "time_zone";