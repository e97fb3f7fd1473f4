-- How far everybody has read and received: counters of members, as a projection of the log up to one place per channel.

-- Which deletion it was that counted: of two of one message, the first.
ALTER TABLE "message_state" ADD COLUMN "deleted_seq" BIGINT;
UPDATE "message_state" s SET "deleted_seq" = e."seq"
FROM (SELECT "channel_id", "ref_seq", min("seq") AS "seq" FROM "log_event" WHERE "kind" = 3 GROUP BY 1, 2) e
WHERE s."deleted_at" IS NOT NULL AND e."channel_id" = s."channel_id" AND e."ref_seq" = s."seq";

-- As before, and with the place of the deletion that counted.
CREATE OR REPLACE FUNCTION "apply_message_changes"(p_channel bigint, p_head bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_change record;
  v_is_deleted boolean;
BEGIN
  FOR v_change IN
    SELECT e.seq, e.kind, e.ref_seq, e.body, e.created_at, m.kind AS target_kind
    FROM log_event e
    LEFT JOIN LATERAL (
      SELECT o.kind FROM log_event o WHERE o.channel_id = p_channel AND o.seq = e.ref_seq AND o.seq < e.seq LIMIT 1
    ) m ON true
    WHERE e.channel_id = p_channel AND e.seq > p_head AND e.kind IN (2, 3)
    ORDER BY e.seq
  LOOP
    IF v_change.target_kind IS DISTINCT FROM 1 THEN
      RAISE EXCEPTION 'seq % is not a message of channel %', v_change.ref_seq, p_channel USING ERRCODE = 'PA001';
    END IF;
    INSERT INTO message_state AS s (channel_id, seq, text, revision, edited_at, deleted_at, deleted_seq)
    VALUES (
      p_channel, v_change.ref_seq, CASE WHEN v_change.kind = 2 THEN v_change.body END, v_change.seq,
      CASE WHEN v_change.kind = 2 THEN v_change.created_at END,
      CASE WHEN v_change.kind = 3 THEN v_change.created_at END,
      CASE WHEN v_change.kind = 3 THEN v_change.seq END
    )
    ON CONFLICT (channel_id, seq) DO UPDATE SET
      revision = EXCLUDED.revision,
      text = CASE WHEN s.deleted_at IS NULL THEN EXCLUDED.text END,
      edited_at = CASE WHEN s.deleted_at IS NULL THEN coalesce(EXCLUDED.edited_at, s.edited_at) ELSE s.edited_at END,
      deleted_at = coalesce(s.deleted_at, EXCLUDED.deleted_at),
      deleted_seq = coalesce(s.deleted_seq, EXCLUDED.deleted_seq)
    RETURNING s.deleted_at IS NOT NULL INTO v_is_deleted;
    IF v_is_deleted THEN
      UPDATE log_event SET body = ''
      WHERE channel_id = p_channel AND seq = v_change.ref_seq AND body <> '';
      UPDATE log_event SET body = ''
      WHERE channel_id = p_channel AND ref_seq = v_change.ref_seq AND kind = 2 AND body <> '';
    END IF;
  END LOOP;
END
$$;

-- How far a member is: what `Counters` holds, as the log made it up to `channel_position.applied_seq`.
ALTER TABLE "member"
    ADD COLUMN "is_present" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "read_number" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "delivered_number" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "own_above" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "deleted_above" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "positions_version" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "is_marked_unread" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "channel_position" (
    "channel_id" BIGINT NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 0,
    "applied_seq" BIGINT NOT NULL DEFAULT 0,
    "applied_number" BIGINT NOT NULL DEFAULT 0,
    "moved_at" TIMESTAMPTZ(3) NOT NULL,
    "summary" JSONB,

    CONSTRAINT "channel_position_pkey" PRIMARY KEY ("channel_id"),
    CONSTRAINT "channel_position_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
-- Each row changes up to ten times a second: half a page kept free lets the new version stay on the page of the old one.
ALTER TABLE "channel_position" SET (fillfactor = 50);

-- What a device says it holds, as one complete cursor: where `events` without `after` goes on for it.
CREATE TABLE "acknowledgement" (
    "device_id" BIGINT NOT NULL,
    "cursor" TEXT NOT NULL,

    CONSTRAINT "acknowledgement_pkey" PRIMARY KEY ("device_id"),
    CONSTRAINT "acknowledgement_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- Nobody kept anything unread so far: what has been said counts as read and received. Where a change of membership still waits
-- for the log, the log itself says who is there, from its beginning.
INSERT INTO "channel_position" ("channel_id", "applied_seq", "applied_number", "moved_at")
SELECT h."channel_id", h."head", h."message_count", CURRENT_TIMESTAMP
FROM "log_head" h JOIN "channel" c ON c."id" = h."channel_id"
WHERE NOT EXISTS (SELECT FROM "membership_outbox" o WHERE o."channel_id" = h."channel_id");
UPDATE "member" m SET "is_present" = true, "read_number" = p."applied_number", "delivered_number" = p."applied_number"
FROM "channel_position" p WHERE p."channel_id" = m."channel_id" AND m."state" = 'ACTIVE';

-- Writes positions of a channel if it is still at `p_version` of `p_epoch`, one array per column, and answers the feeds that
-- moved: one row at least. No row says that somebody was quicker, and that nothing was written. Locks the channel's row, then those
-- of the users, ids ascending, as everywhere. VOLATILE, so that what is behind a lock is seen as it is then.
CREATE FUNCTION "write_positions"(
  p_channel bigint, p_epoch integer, p_version bigint, p_seq bigint, p_number bigint, p_now bigint, p_summary jsonb,
  p_users bigint[], p_present boolean[], p_read bigint[], p_delivered bigint[], p_own bigint[], p_deleted bigint[],
  p_told boolean[], p_moves boolean[]
) RETURNS TABLE (id bigint, feed_version bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  IF p_version = 0 THEN
    INSERT INTO channel_position (channel_id, moved_at)
    SELECT c.id, to_timestamp(p_now::double precision / 1000) FROM channel c WHERE c.id = p_channel
    ON CONFLICT DO NOTHING;
  END IF;
  PERFORM FROM channel_position p
  WHERE p.channel_id = p_channel AND p.version = p_version
    AND EXISTS (SELECT FROM installation n WHERE n.epoch = p_epoch)
  FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM user_account u WHERE u.id = ANY (p_users) ORDER BY u.id FOR NO KEY UPDATE;

  UPDATE channel_position p
  SET version = p_version + 1, applied_seq = p_seq, applied_number = p_number, summary = p_summary,
    moved_at = greatest(p.moved_at, to_timestamp(p_now::double precision / 1000))
  WHERE p.channel_id = p_channel;

  RETURN QUERY
  WITH change AS (
    SELECT * FROM unnest(p_users, p_present, p_read, p_delivered, p_own, p_deleted, p_told, p_moves)
      AS c (user_id, is_present, read_number, delivered_number, own_above, deleted_above, is_told, moves_feed)
  ), moved AS (
    UPDATE user_account u SET feed_version = u.feed_version + 1 FROM change c WHERE c.moves_feed AND u.id = c.user_id
    RETURNING u.id, u.feed_version
  ), written AS (
    UPDATE member m SET
      is_present = c.is_present, read_number = c.read_number, delivered_number = c.delivered_number,
      own_above = c.own_above, deleted_above = c.deleted_above,
      positions_version = CASE WHEN c.is_told THEN p_version + 1 ELSE m.positions_version END,
      feed_version = coalesce(f.feed_version, m.feed_version)
    FROM change c LEFT JOIN moved f ON f.id = c.user_id
    WHERE m.channel_id = p_channel AND m.user_id = c.user_id
  )
  SELECT f.id, f.feed_version FROM (SELECT 1) one LEFT JOIN moved f ON true;
END
$$;
