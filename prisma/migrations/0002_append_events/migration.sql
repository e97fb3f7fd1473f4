-- What the event log needs beside its tables: its rows as they are read, and the commit of one round.

-- Every append changes its head's row; half a page kept free lets the new version stay on the page of the old one.
ALTER TABLE "log_head" SET (fillfactor = 50);

-- An event, and the message that it is about as that is now. `body` is the first text of a message, `text` what edits made of
-- it; a message without `revision` was never changed. LATERAL with LIMIT keeps the planner at one index lookup per event:
-- statistics of all channels together say nothing about how long one of them is.
CREATE VIEW "log_entry" AS
SELECT
  e."channel_id", e."seq", e."number", e."kind", e."author_id", e."nonce", e."ref_seq",
  date_part('epoch', e."created_at") * 1000 AS "created_ms",
  CASE WHEN e."kind" IN (2, 3) THEN m."body" ELSE e."body" END AS "body",
  m."number" AS "message_number", m."author_id" AS "message_author_id", m."nonce" AS "message_nonce",
  date_part('epoch', m."created_at") * 1000 AS "message_created_ms",
  s."text", s."revision",
  date_part('epoch', s."edited_at") * 1000 AS "edited_ms",
  date_part('epoch', s."deleted_at") * 1000 AS "deleted_ms"
FROM "log_event" e
LEFT JOIN LATERAL (
  SELECT * FROM "log_event" o
  WHERE e."kind" IN (2, 3) AND o."channel_id" = e."channel_id" AND o."seq" = e."ref_seq"
  LIMIT 1
) m ON true
LEFT JOIN LATERAL (
  SELECT * FROM "message_state" c
  WHERE c."channel_id" = e."channel_id"
    AND c."seq" = CASE e."kind" WHEN 1 THEN e."seq" WHEN 2 THEN e."ref_seq" WHEN 3 THEN e."ref_seq" END
  LIMIT 1
) s ON true;

-- Brings the state of messages up to date with the edits and deletions above `p_head`, in their order. A deletion wins over
-- every edit, whichever comes later, and takes the text away everywhere; the caller holds the lock of the head.
CREATE FUNCTION "apply_message_changes"(p_channel bigint, p_head bigint) RETURNS void
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
    INSERT INTO message_state AS s (channel_id, seq, text, revision, edited_at, deleted_at)
    VALUES (
      p_channel, v_change.ref_seq, CASE WHEN v_change.kind = 2 THEN v_change.body END, v_change.seq,
      CASE WHEN v_change.kind = 2 THEN v_change.created_at END,
      CASE WHEN v_change.kind = 3 THEN v_change.created_at END
    )
    ON CONFLICT (channel_id, seq) DO UPDATE SET
      revision = EXCLUDED.revision,
      text = CASE WHEN s.deleted_at IS NULL THEN EXCLUDED.text END,
      edited_at = CASE WHEN s.deleted_at IS NULL THEN coalesce(EXCLUDED.edited_at, s.edited_at) ELSE s.edited_at END,
      deleted_at = coalesce(s.deleted_at, EXCLUDED.deleted_at)
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

-- Commits one round: drafts as one array per column, `p_numbers` counting the messages among them (1, 1, 2 …), each draft with
-- an (author, nonce) of its own. VOLATILE, so that each statement sees what was committed before it began: whoever waited for
-- the head's lock then finds the nonces of whoever held it. (One statement with several parts would still look at its old
-- snapshot.) Waiting for the lock ends with the patience of who asked (`appendTimeoutMs`): what was given up does not stay in
-- the queue, holding a connection.
--
-- When all drafts are new and none changes a message, the answer is one row without an event: what the round became follows
-- from the head before it. Otherwise it is one row per draft, in their order; an event up to `head_before` was there before.
CREATE FUNCTION "append_events"(
  p_channel bigint, p_now bigint, p_kinds smallint[], p_numbers bigint[], p_authors bigint[], p_nonces text[],
  p_bodies text[], p_refs bigint[]
) RETURNS TABLE (
  head_before bigint, count_before bigint, committed_ms double precision,
  seq bigint, number bigint, kind smallint, author_id bigint, nonce text, ref_seq bigint,
  created_ms double precision, body text,
  message_number bigint, message_author_id bigint, message_nonce text, message_created_ms double precision,
  text text, revision bigint, edited_ms double precision, deleted_ms double precision
)
LANGUAGE plpgsql VOLATILE SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
  v_size integer := cardinality(p_kinds);
  v_messages bigint := p_numbers[cardinality(p_kinds)];
  v_changes boolean := p_kinds && ARRAY[2, 3]::smallint[];
  v_at timestamptz(3);
  v_inserted integer;
BEGIN
  -- A server that acknowledges before it has written to disk is told otherwise.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;

  LOOP
    UPDATE log_head h
    SET head = h.head + v_size, message_count = h.message_count + v_messages,
      last_created_at = greatest(h.last_created_at, to_timestamp(p_now::double precision / 1000))
    WHERE h.channel_id = p_channel
    RETURNING h.head - v_size, h.message_count - v_messages, h.last_created_at INTO head_before, count_before, v_at;
    EXIT WHEN FOUND;
    INSERT INTO log_head (channel_id, head, message_count, last_created_at)
    VALUES (p_channel, 0, 0, to_timestamp(0)) ON CONFLICT DO NOTHING;
  END LOOP;

  INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
  SELECT p_channel, head_before + d.place, count_before + d.number, d.kind, d.author_id, d.nonce, v_at, d.body, d.ref_seq
  FROM unnest(p_kinds, p_numbers, p_authors, p_nonces, p_bodies, p_refs)
    WITH ORDINALITY AS d (kind, number, author_id, nonce, body, ref_seq, place)
  ON CONFLICT (channel_id, author_id, nonce) DO NOTHING;
  GET DIAGNOSTICS v_inserted = ROW_COUNT;
  committed_ms := date_part('epoch', v_at) * 1000;

  IF v_inserted = v_size AND NOT v_changes THEN
    RETURN NEXT;
    RETURN;
  END IF;
  IF v_inserted < v_size THEN
    -- Some are there already, so those behind them got places too far on: once more, with the new ones only.
    DELETE FROM log_event e WHERE v_inserted > 0 AND e.channel_id = p_channel AND e.seq > head_before;
    INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
    SELECT
      p_channel, head_before + row_number() OVER new_ones,
      count_before + count(*) FILTER (WHERE d.kind = 1) OVER new_ones,
      d.kind, d.author_id, d.nonce, v_at, d.body, d.ref_seq
    FROM unnest(p_kinds, p_authors, p_nonces, p_bodies, p_refs)
      WITH ORDINALITY AS d (kind, author_id, nonce, body, ref_seq, place)
    WHERE v_inserted > 0 AND NOT EXISTS (
      SELECT FROM log_event e WHERE e.channel_id = p_channel AND e.author_id = d.author_id AND e.nonce = d.nonce OFFSET 0
    )
    WINDOW new_ones AS (ORDER BY d.place);
    UPDATE log_head h
    SET head = e.seq, message_count = e.number, last_created_at = e.created_at
    FROM log_event e
    WHERE h.channel_id = p_channel AND e.channel_id = p_channel AND e.seq = head_before + v_inserted;
  END IF;
  IF v_changes THEN
    PERFORM apply_message_changes(p_channel, head_before);
  END IF;

  RETURN QUERY
  SELECT
    head_before, count_before, committed_ms,
    v.seq, v.number, v.kind, v.author_id, v.nonce, v.ref_seq, v.created_ms, v.body,
    v.message_number, v.message_author_id, v.message_nonce, v.message_created_ms,
    v.text, v.revision, v.edited_ms, v.deleted_ms
  FROM unnest(p_authors, p_nonces) WITH ORDINALITY AS d (author_id, nonce, place)
  CROSS JOIN LATERAL (
    SELECT * FROM log_entry l
    WHERE l.channel_id = p_channel AND l.author_id = d.author_id AND l.nonce = d.nonce
    LIMIT 1
  ) v
  ORDER BY d.place;
END
$$;
