-- Silos hold the reminders of the next minutes only (SiloSetup: three, read again every minute), so a million rows cost a restart and a refresh
-- little. The read looks beyond their window, by one refresh and two minutes for clocks that differ.
update OrleansQuery set QueryText = replace(QueryText, 'interval ''20 minutes''', 'interval ''6 minutes''')
where QueryKey in ('ReadRangeRows1Key', 'ReadRangeRows2Key');
