ALTER TABLE "audit_events" ADD COLUMN "signature" text;--> statement-breakpoint
ALTER TABLE "audit_inbox" ADD COLUMN "mac" text;