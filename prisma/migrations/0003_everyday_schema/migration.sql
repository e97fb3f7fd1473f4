-- Direct channels, own settings of members, changes of roles and of channels in the outbox, and the search for people.

-- A direct channel is found by its pair, a group by its creator's nonce.
ALTER TABLE "channel"
    ALTER COLUMN "nonce" DROP NOT NULL,
    ADD COLUMN "member_count" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "direct_low_id" BIGINT,
    ADD COLUMN "direct_high_id" BIGINT,
    ADD CONSTRAINT "channel_direct_low_id_fkey" FOREIGN KEY ("direct_low_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    ADD CONSTRAINT "channel_direct_high_id_fkey" FOREIGN KEY ("direct_high_id") REFERENCES "user_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    ADD CONSTRAINT "channel_pair" CHECK (
        ("kind" = 'DIRECT') = ("direct_low_id" IS NOT NULL)
        AND ("kind" = 'DIRECT') = ("direct_high_id" IS NOT NULL)
        AND "direct_low_id" < "direct_high_id"
    );
CREATE UNIQUE INDEX "channel_direct_low_id_direct_high_id_key" ON "channel"("direct_low_id", "direct_high_id");
UPDATE "channel" c SET "member_count" = (
    SELECT count(*) FROM "member" m WHERE m."channel_id" = c."id" AND m."state" = 'ACTIVE'
);

ALTER TABLE "member"
    ADD COLUMN "is_muted" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "muted_until" TIMESTAMPTZ(3),
    ADD COLUMN "is_archived" BOOLEAN NOT NULL DEFAULT false;

-- The feed version at which the person's own things (profile, devices) changed last.
ALTER TABLE "user_account" ADD COLUMN "viewer_version" BIGINT NOT NULL DEFAULT 0;

ALTER TYPE "membership_change_kind" ADD VALUE 'ROLE_CHANGED';
ALTER TYPE "membership_change_kind" ADD VALUE 'CHANNEL_UPDATED';
-- A change of the channel itself is about no user, and says what it changed.
ALTER TABLE "membership_outbox"
    ALTER COLUMN "user_id" DROP NOT NULL,
    ALTER COLUMN "role" DROP NOT NULL,
    ADD COLUMN "updated" JSONB;

-- People are searched for by the beginning of their handle, and of any word of their name.
CREATE INDEX "user_account_handle_prefix" ON "user_account"(lower("handle") text_pattern_ops);
CREATE INDEX "user_account_name_words" ON "user_account" USING GIN (to_tsvector('simple', "display_name"));
