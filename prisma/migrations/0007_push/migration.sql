-- CreateEnum
CREATE TYPE "push_service" AS ENUM ('WEB', 'APNS');

-- CreateEnum
CREATE TYPE "notification_level" AS ENUM ('ALL', 'REPLIES', 'NOTHING');

-- CreateEnum
CREATE TYPE "notification_preview" AS ENUM ('FULL', 'SENDER', 'NOTHING');

-- CreateEnum
CREATE TYPE "notification_outcome" AS ENUM ('SENT', 'SUPPRESSED', 'POSTPONED', 'FAILED');

-- AlterTable
ALTER TABLE "member" ADD COLUMN     "notification_level" "notification_level";

-- CreateTable
CREATE TABLE "push_endpoint" (
    "id" BIGSERIAL NOT NULL,
    "device_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "service" "push_service" NOT NULL,
    "address" TEXT NOT NULL,
    "p256dh" BYTEA,
    "auth" BYTEA,
    "topic" TEXT,
    "is_sandbox" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "held_until" TIMESTAMPTZ(3),
    "tries" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "push_endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vapid_key" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "public_key" TEXT NOT NULL,
    "private_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vapid_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_settings" (
    "user_id" BIGINT NOT NULL,
    "level" "notification_level" NOT NULL DEFAULT 'ALL',
    "muted_replies" BOOLEAN NOT NULL DEFAULT false,
    "preview" "notification_preview" NOT NULL DEFAULT 'FULL',
    "quiet_seconds" INTEGER NOT NULL DEFAULT 0,
    "do_not_disturb_until" TIMESTAMPTZ(3),
    "do_not_disturb_from" SMALLINT,
    "do_not_disturb_to" SMALLINT,
    "do_not_disturb_days" SMALLINT,
    "do_not_disturb_time_zone" TEXT,

    CONSTRAINT "notification_settings_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "channel_wake" (
    "channel_id" BIGINT NOT NULL,
    "woken_seq" BIGINT NOT NULL,
    "woken_number" BIGINT NOT NULL,

    CONSTRAINT "channel_wake_pkey" PRIMARY KEY ("channel_id")
);

-- CreateTable
CREATE TABLE "device_wake" (
    "device_id" BIGINT NOT NULL,
    "channel_id" BIGINT NOT NULL,
    "settled_number" BIGINT NOT NULL DEFAULT 0,
    "look_at" TIMESTAMPTZ(3),
    "pushed_seq" BIGINT NOT NULL DEFAULT 0,
    "pushed_number" BIGINT NOT NULL DEFAULT 0,
    "pushed_at" TIMESTAMPTZ(3),
    "cleared_number" BIGINT NOT NULL DEFAULT 0,
    "claimed_by" TEXT,
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "device_wake_pkey" PRIMARY KEY ("device_id","channel_id")
);

-- CreateTable
CREATE TABLE "notification_decision" (
    "device_id" BIGINT NOT NULL,
    "channel_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "outcome" "notification_outcome" NOT NULL,
    "trace" JSONB NOT NULL,
    "answer" JSONB,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notification_decision_pkey" PRIMARY KEY ("user_id","channel_id","seq","device_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "push_endpoint_device_id_key" ON "push_endpoint"("device_id");

-- CreateIndex
CREATE UNIQUE INDEX "push_endpoint_address_key" ON "push_endpoint"("address");

-- CreateIndex
CREATE INDEX "push_endpoint_user_id_idx" ON "push_endpoint"("user_id");

-- What is to be looked at, few of all; whole, so that those of one time are read in pieces, too.
CREATE INDEX "device_wake_look_at_idx" ON "device_wake"("look_at", "device_id", "channel_id") WHERE "look_at" IS NOT NULL;

-- CreateIndex
CREATE INDEX "device_wake_channel_id_idx" ON "device_wake"("channel_id");

-- Where a device shows a notification: few of all, and the only ones that can be withdrawn. Read in pieces, by the key.
CREATE INDEX "device_wake_shown_idx" ON "device_wake"("device_id", "channel_id") WHERE "pushed_number" > "cleared_number";

-- CreateIndex
CREATE INDEX "notification_decision_decided_at_idx" ON "notification_decision"("decided_at");

-- AddForeignKey
ALTER TABLE "push_endpoint" ADD CONSTRAINT "push_endpoint_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "push_endpoint" ADD CONSTRAINT "push_endpoint_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_settings" ADD CONSTRAINT "notification_settings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
