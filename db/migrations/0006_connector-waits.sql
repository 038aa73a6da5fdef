CREATE TABLE "connector_waits" (
	"connector" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
