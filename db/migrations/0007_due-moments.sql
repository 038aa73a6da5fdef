DROP INDEX "grants_overdue";--> statement-breakpoint
CREATE INDEX "assignments_retry" ON "assignments" USING btree ("retry_at") WHERE due_at is not null and retry_at is not null;--> statement-breakpoint
CREATE INDEX "grants_overdue" ON "grants" USING btree (least("ends_at", "ending_at", case when "live_at" is null then "start_by" end)) WHERE state <> 'ended' and overdue_alerted_at is null;