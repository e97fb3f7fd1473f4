-- Contacts and blocks, what people set for themselves, and how many owners a channel has.

CREATE TYPE "contact_state" AS ENUM ('NONE', 'REQUESTED_BY_ME', 'REQUESTED_BY_THEM', 'CONTACT');
CREATE TYPE "audience" AS ENUM ('NOBODY', 'CONTACTS', 'CO_MEMBERS');

-- What one person has towards another. Both sides have a row of their own: what one does need not show to the other.
CREATE TABLE "contact" (
    "user_id" BIGINT NOT NULL,
    "other_id" BIGINT NOT NULL,
    -- A list by handles is a stretch of an index, byte by byte whatever the language of the database.
    "other_handle_key" TEXT COLLATE "C" NOT NULL,
    "state" "contact_state" NOT NULL,
    "is_blocked" BOOLEAN NOT NULL DEFAULT false,
    "since" TIMESTAMPTZ(3),
    "requested_at" TIMESTAMPTZ(3),
    "blocked_at" TIMESTAMPTZ(3),
    "feed_version" BIGINT NOT NULL,

    CONSTRAINT "contact_pkey" PRIMARY KEY ("user_id", "other_id"),
    CONSTRAINT "contact_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "contact_other_id_fkey" FOREIGN KEY ("other_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "contact_of_two" CHECK ("user_id" <> "other_id"),
    -- Who is blocked is nothing else besides, and each state has its time.
    CONSTRAINT "contact_times" CHECK (
        ("state" = 'NONE' OR NOT "is_blocked")
        AND ("state" = 'CONTACT') = ("since" IS NOT NULL)
        AND ("state" IN ('REQUESTED_BY_ME', 'REQUESTED_BY_THEM')) = ("requested_at" IS NOT NULL)
        AND "is_blocked" = ("blocked_at" IS NOT NULL)
    )
);
CREATE INDEX "contact_user_id_feed_version_idx" ON "contact"("user_id", "feed_version");
-- The three lists, each in its order.
CREATE INDEX "contact_by_handle" ON "contact"("user_id", "other_handle_key") WHERE "state" = 'CONTACT';
CREATE INDEX "contact_requests" ON "contact"("user_id", "state", "requested_at", "other_id")
    WHERE "state" IN ('REQUESTED_BY_ME', 'REQUESTED_BY_THEM');
CREATE INDEX "contact_blocked" ON "contact"("user_id", "blocked_at", "other_id") WHERE "is_blocked";
-- By whom somebody is blocked: a search leaves them out.
CREATE INDEX "contact_blocked_by" ON "contact"("other_id", "user_id") WHERE "is_blocked";

ALTER TABLE "user_account"
    -- The feed version at which any of the person's contacts changed last.
    ADD COLUMN "contacts_version" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "is_invisible" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "last_seen_visible_to" "audience" NOT NULL DEFAULT 'CO_MEMBERS',
    ADD COLUMN "shares_read_position" BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN "last_seen_at" TIMESTAMPTZ(3);

ALTER TABLE "channel" ADD COLUMN "owner_count" INTEGER NOT NULL DEFAULT 0;
UPDATE "channel" c SET "owner_count" = (
    SELECT count(*) FROM "member" m WHERE m."channel_id" = c."id" AND m."state" = 'ACTIVE' AND m."role" = 'OWNER'
);
