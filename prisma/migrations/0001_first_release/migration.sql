-- Tables of the first release, printed from schema.prisma, and the row that names the installation.
-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "platform" AS ENUM ('WEB', 'IOS', 'ANDROID', 'DESKTOP', 'BOT');

-- CreateEnum
CREATE TYPE "channel_kind" AS ENUM ('DIRECT', 'GROUP');

-- CreateEnum
CREATE TYPE "history_visibility" AS ENUM ('FROM_JOINING', 'ALL');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('OWNER', 'ADMIN', 'MEMBER');

-- CreateEnum
CREATE TYPE "member_state" AS ENUM ('ACTIVE', 'LEFT', 'REMOVED');

-- CreateEnum
CREATE TYPE "membership_change_kind" AS ENUM ('ADDED', 'REMOVED');

-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "uuid" UUID NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" TEXT NOT NULL,
    "private_jwk" JSONB NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user_account" (
    "id" BIGSERIAL NOT NULL,
    "handle" TEXT NOT NULL,
    "handle_key" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "colour" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "feed_version" BIGINT NOT NULL DEFAULT 0,
    "feed_min_version" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "user_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "label" TEXT NOT NULL,
    "platform" "platform" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_active_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "device_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "used_generation" INTEGER NOT NULL DEFAULT 0,
    "used_hash" BYTEA,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refresh_token" (
    "hash" BYTEA NOT NULL,
    "session_id" BIGINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refresh_token_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "channel" (
    "id" BIGSERIAL NOT NULL,
    "kind" "channel_kind" NOT NULL,
    "name" TEXT,
    "topic" TEXT,
    "history_visibility" "history_visibility" NOT NULL DEFAULT 'FROM_JOINING',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by_id" BIGINT NOT NULL,
    "nonce" TEXT NOT NULL,
    "membership_version" BIGINT NOT NULL DEFAULT 0,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "member" (
    "id" BIGSERIAL NOT NULL,
    "channel_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "role" "role" NOT NULL,
    "state" "member_state" NOT NULL,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,
    "version" BIGINT NOT NULL,
    "feed_version" BIGINT NOT NULL,

    CONSTRAINT "member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "member_interval" (
    "member_id" BIGINT NOT NULL,
    "joined_version" BIGINT NOT NULL,
    "left_version" BIGINT,
    "joined_seq" BIGINT,
    "joined_number" BIGINT,
    "left_seq" BIGINT,
    "left_number" BIGINT,

    CONSTRAINT "member_interval_pkey" PRIMARY KEY ("member_id","joined_version")
);

-- CreateTable
CREATE TABLE "membership_outbox" (
    "channel_id" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "kind" "membership_change_kind" NOT NULL,
    "user_id" BIGINT NOT NULL,
    "by_user_id" BIGINT NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_outbox_pkey" PRIMARY KEY ("channel_id","version")
);

-- CreateTable
CREATE TABLE "log_head" (
    "channel_id" BIGINT NOT NULL,
    "head" BIGINT NOT NULL,
    "message_count" BIGINT NOT NULL,
    "last_created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "log_head_pkey" PRIMARY KEY ("channel_id")
);

-- CreateTable
CREATE TABLE "log_event" (
    "channel_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "number" BIGINT NOT NULL,
    "kind" SMALLINT NOT NULL,
    "author_id" BIGINT NOT NULL,
    "nonce" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "body" TEXT NOT NULL,
    "ref_seq" BIGINT,

    CONSTRAINT "log_event_pkey" PRIMARY KEY ("channel_id","seq")
);

-- CreateTable
CREATE TABLE "message_state" (
    "channel_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "text" TEXT,
    "revision" BIGINT NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "message_state_pkey" PRIMARY KEY ("channel_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "installation_uuid_key" ON "installation"("uuid");

-- CreateIndex
CREATE UNIQUE INDEX "user_account_handle_key_key" ON "user_account"("handle_key");

-- CreateIndex
CREATE INDEX "device_user_id_idx" ON "device"("user_id");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "session_device_id_idx" ON "session"("device_id");

-- CreateIndex
CREATE INDEX "refresh_token_session_id_generation_idx" ON "refresh_token"("session_id", "generation");

-- CreateIndex
CREATE UNIQUE INDEX "channel_created_by_id_nonce_key" ON "channel"("created_by_id", "nonce");

-- CreateIndex
CREATE INDEX "member_user_id_feed_version_idx" ON "member"("user_id", "feed_version");

-- CreateIndex
CREATE UNIQUE INDEX "member_channel_id_user_id_key" ON "member"("channel_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "log_event_channel_id_author_id_nonce_key" ON "log_event"("channel_id", "author_id", "nonce");

-- AddForeignKey
ALTER TABLE "device" ADD CONSTRAINT "device_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_token" ADD CONSTRAINT "refresh_token_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel" ADD CONSTRAINT "channel_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member_interval" ADD CONSTRAINT "member_interval_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "member"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

INSERT INTO "installation" ("id", "uuid") VALUES (1, gen_random_uuid());

-- Which messages a channel has, by number: the newest, a page, the one with a given number.
CREATE UNIQUE INDEX "log_event_message_number" ON "log_event" ("channel_id", "number") WHERE "kind" = 1;

-- The edits of a message, found when its text must go.
CREATE INDEX "log_event_ref_seq" ON "log_event" ("channel_id", "ref_seq") WHERE "ref_seq" IS NOT NULL;
