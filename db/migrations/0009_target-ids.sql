ALTER TABLE "account_pins" ADD COLUMN "account_id" text NOT NULL;--> statement-breakpoint
ALTER TABLE "account_pins" DROP CONSTRAINT "account_pins_target_id_account_pk";--> statement-breakpoint
ALTER TABLE "account_pins" ADD CONSTRAINT "account_pins_target_id_account_id_pk" PRIMARY KEY("target_id","account_id");--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "permission_id" text NOT NULL;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "account_id" text NOT NULL;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "renamed_to" text;--> statement-breakpoint
ALTER TABLE "account_pins" DROP COLUMN "account";